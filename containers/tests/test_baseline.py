"""The baseline for drift against a naive computation, and what comparisons with it rely on."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

import naive
from evaluation_inputs import FEATURES, booster, files, json_file, table, write
from vwt_evaluate import main
from vwt_evaluate.distributions import bins, distribution, one_a_player, reference
from vwt_evaluate.values import Floats

RANDOM = np.random.default_rng(11)
NAN = float("nan")
FINE = RANDOM.normal(size=237)
COLUMNS: dict[str, Floats] = {
    "fine": FINE,
    "some missing": np.where(RANDOM.random(300) < 0.4, NAN, RANDOM.lognormal(3, 2, 300)),
    "all missing": np.full(20, NAN),
    "constant": np.full(50, 12.3),
    "one value": np.array([NAN, -4.0, NAN]),
    "a rare flag": (RANDOM.random(400) < 0.03).astype(float),
    "a common flag": (RANDOM.random(400) < 0.97).astype(float),
    "often at its limit": np.minimum(RANDOM.lognormal(3, 1, 300), 30),
    "a flag": (RANDOM.random(400) < 0.5).astype(float),
    # No double of these is a single: rounding must not move them over an edge that they are at.
    "days of thirty": RANDOM.integers(0, 31, 500) / 30,
    "cents": RANDOM.integers(0, 5, 200) / 10 + 0.1,
    "negative thirds": -RANDOM.integers(1, 9, 200) / 3,
    "zeros of both signs": np.array([0.0, -0.0, -0.0, 1.0, 0.0]),
    "extremes": np.array([3.4028234663852886e38, -3.4028234663852886e38, 1e-45, 0.0]),
    "five rows": np.array([3.0, 1.0, 2.0, 5.0, 4.0]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_distribution_is_that_of_the_deciles(name: str) -> None:
    values = COLUMNS[name].astype(np.float32)
    found = distribution(values)
    edges, shares, missing = naive.distribution(values.tolist())
    assert len(found["edges"]) <= 9
    assert found["edges"] == pytest.approx(edges, rel=1e-7, abs=1e-45)
    assert found["shares"] == pytest.approx(shares)
    assert found["missing"] == pytest.approx(missing)
    assert all(low < high for low, high in itertools.pairwise(found["edges"]))


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "all missing"])
def test_the_same_values_have_the_same_shares_in_either_precision(name: str) -> None:
    found = distribution(COLUMNS[name].astype(np.float32))
    assert sum(found["shares"]) == pytest.approx(1, abs=1e-12)
    for values in (COLUMNS[name], COLUMNS[name].astype(np.float32).astype(np.float64)):
        present = values[~np.isnan(values)].tolist()
        assert naive.shares(present, found["edges"]) == pytest.approx(found["shares"], abs=1e-12)


def test_every_bin_has_values_unless_there_is_one_value_only() -> None:
    for name, values in COLUMNS.items():
        shares = distribution(values.astype(np.float32))["shares"]
        assert all(shares) or name in ("all missing", "constant", "one value"), name
    assert distribution(np.array([1, 1, 0, 1] * 9, dtype=np.float32))["shares"] == [0.25, 0.75]
    assert distribution(np.ones(9, dtype=np.float32))["shares"] == [1, 0]


def test_what_is_always_missing_has_one_empty_bin() -> None:
    assert distribution(np.full(3, NAN, dtype=np.float32)) == {"edges": [], "shares": [0], "missing": 1}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_value_is_in_the_bin_that_counted_it(name: str) -> None:
    values = COLUMNS[name].astype(np.float32)
    found = distribution(values)
    shares = np.bincount(bins(values, found["edges"]), minlength=len(found["shares"]) + 1) / len(values)
    present = 1 - found["missing"]
    assert shares.tolist() == pytest.approx([*(present * np.array(found["shares"])), found["missing"]])


THRESHOLDS = {"moderate": 0.1, "high": 0.3, "severe": 0.6}


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_the_evaluation_writes_the_held_out_features_and_the_candidates_scores(tmp_path: Path, task: str) -> None:
    write(tmp_path, files(task))
    risk = ["--risk-thresholds", json.dumps(THRESHOLDS)] if task == "binary" else []
    main.run(tmp_path, ["--task", task, "--model", "risk", "--candidate-version", "20261123-1", *risk])
    found = json_file(tmp_path / "processing" / "output" / "baseline.json")
    test, validation = table(600, 1, task)[:, 1:], table(500, 2, task)[:, 1:]
    head = {member: found[member] for member in ("schemaVersion", "model", "modelVersion", "rows")}
    assert head == {"schemaVersion": 2, "model": "risk", "modelVersion": "20261123-1", "rows": 1100}
    assert sorted(found) == ["features", "model", "modelVersion", "risk", "rows", "schemaVersion", "score"]
    assert len(found["features"]) == FEATURES
    scores = xgb.Booster(model_file=bytearray(booster(task, 3, 20))).inplace_predict(np.concatenate((test, validation)))
    columns = [*np.concatenate((test, validation)).T, scores]
    for each, column in zip([*found["features"], found["score"]], columns, strict=True):
        edges, shares, missing = naive.distribution(column.tolist())
        assert sorted(each) == ["edges", "missing", "shares"]
        assert each["edges"] == pytest.approx(edges, rel=1e-7)
        assert each["shares"] == pytest.approx(shares)
        assert each["missing"] == pytest.approx(missing)
    assert found["score"]["missing"] == 0
    at_or_above = {group: sum(score >= least for score in scores) / 1100 for group, least in THRESHOLDS.items()}
    assert found["risk"] == ({"thresholds": THRESHOLDS, "atOrAbove": at_or_above} if task == "binary" else None)

    sample = json_file(tmp_path / "processing" / "reference" / "training.json")
    assert sorted(sample) == ["rows", "schemaVersion"]
    digits = [Counter(row[column] for row in sample["rows"]) for column in range(FEATURES)]
    for each, counts in zip(found["features"], digits, strict=True):
        expected = [1100 * (1 - each["missing"]) * share for share in each["shares"]] + [1100 * each["missing"]]
        assert [counts[f"{bin:x}"] for bin in range(len(expected))] == pytest.approx(expected)


def test_of_a_players_rows_about_one_is_chosen() -> None:
    assert one_a_player(np.ones(50)).all()
    # A hundred players with 1, 2, 5 and 10 rows each.
    repeated = np.repeat([1, 2, 5, 10], 100)
    chosen = one_a_player(np.repeat(1 / repeated, repeated))
    starts = np.cumsum([0, 100, 200, 500, 1000])
    assert [chosen[start:end].sum() for start, end in itertools.pairwise(starts)] == pytest.approx([100] * 4, abs=30)


def test_a_sample_is_bounded_and_says_nothing_of_the_order_of_the_rows() -> None:
    rows = np.arange(5_000, dtype=np.float32)[:, None]
    sample = [int(row, 16) for row in reference("m", "1", rows, rows[:, 0], None).rows["rows"]]
    assert len(sample) == 2_000
    assert sample != sorted(sample)
    assert [sample.count(bin) / 2_000 for bin in range(10)] == pytest.approx([0.1] * 10, abs=0.02)
