"""Models whose answers are multiples of a row's own measure: what they learn, and that they are judged in money."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

import naive
import samples
import stakes
from evaluation_inputs import booster, files, json_file, split, table, write
from vwt_evaluate import main
from vwt_evaluate.model import Model
from vwt_evaluate.scaling import Scaling

SCALING = {"columns": {"near": 1, "far": 2}, "plus": 9.5, "weightPower": 0.5}
ARGUMENTS = ["--task", "regression", "--model", "stakes", "--candidate-version", "2", "--champion-version", "1"]


@pytest.mark.parametrize("power", [1.2, 1.5, 1.8])
def test_ratio_and_weight_are_an_offset(power: float) -> None:
    random = np.random.default_rng(1)
    features = random.normal(size=(400, 4))
    scales = np.exp(random.normal(2, 1.5, 400))
    labels = scales * np.exp(features[:, 0]) * random.gamma(0.3, 3, 400) * (random.random(400) < 0.4)
    # "hist" lays its bins by weights, "exact" tries every value.
    settings = {"objective": "reg:tweedie", "tweedie_variance_power": power, "tree_method": "exact", "base_score": 1.0}
    settings |= {"max_depth": 3, "eta": 0.1, "min_child_weight": 3, "nthread": 1}
    ratio = xgb.DMatrix(features, labels / scales, weight=scales ** (2 - power))
    offset = xgb.DMatrix(features, labels, base_margin=np.log(scales))
    answers = xgb.train(settings, ratio, 20).predict(xgb.DMatrix(features))
    expected = xgb.train(settings, offset, 20).predict(offset)
    assert answers.max() > 1.5 * answers.min()
    np.testing.assert_allclose(scales * answers, expected, rtol=1e-4)


@pytest.mark.parametrize(("kind", "truly"), [("worse", "worse"), ("better", "better"), ("naive", "neither")])
def test_paired_intervals_tell_what_is_better(kind: str, truly: str) -> None:
    [found] = stakes.evaluations(6000, kind, 1)
    difference = found["differences"]["champion"]
    deviance, gini = difference["tweedieDeviance"]["relative"], difference["gini"]
    assert (deviance["high"] < 0, deviance["low"] > 0) == (truly == "better", truly == "worse")
    assert (gini["low"] > 0, gini["high"] < 0) == (truly == "better", truly == "worse")


def test_scales_count_what_is_missing_as_nothing() -> None:
    features = np.array([[0, 2, 4], [0, np.nan, 4], [0, np.nan, np.nan]], dtype=np.float32)
    found = Scaling.parse(json.dumps(SCALING)).scales(features)
    assert found.tolist() == [12.5, 11.5, 9.5]
    assert Scaling({}).scales(features).tolist() == [1, 1, 1]


def evaluated(root: Path, *arguments: str) -> dict[str, object]:
    """Evaluates the task's inputs, whose amounts are written as multiples, with weights."""
    contents = dict(files("regression"))
    for name, rows in (("test/a", table(600, 1, "regression")), ("validation/a", table(500, 2, "regression"))):
        scales = Scaling.parse(json.dumps(SCALING)).scales(rows[:, 1:])
        rows[:, 0] = rows[:, 0] / scales
        contents[f"{name}.csv"] = split(rows, scales**0.5)
    del contents["test/b.csv"]
    write(root, {path: content for path, content in contents.items() if not path.startswith("context")})
    main.run(root, [*ARGUMENTS, "--scaling", json.dumps(SCALING), *arguments])
    found: dict[str, object] = json_file(root / "processing" / "output" / "evaluation.json")
    return found


def test_multiples_are_judged_in_money(tmp_path: Path) -> None:
    found = evaluated(tmp_path)
    rows = table(600, 1, "regression")
    scaling = Scaling.parse(json.dumps(SCALING))
    scales, labels = scaling.scales(rows[:, 1:]), rows[:, 0].astype(np.float64)
    (tmp_path / "model.tar.gz").write_bytes(samples.archive(booster("regression", 3, 20)))
    scores = np.maximum(scales * Model(tmp_path).scores(rows[:, 1:]), 0.01)
    metrics = found["candidate"]["metrics"]  # type: ignore[index]
    expected = naive.tweedie_deviance(labels.tolist(), scores.tolist())
    assert metrics["tweedieDeviance"]["value"] == pytest.approx(expected, rel=1e-5)
    assert found["data"]["meanLabel"] == pytest.approx(labels.mean(), rel=1e-6)  # type: ignore[index]
    own = {name: each["metrics"]["meanScore"] for name, each in found["baselines"].items()}  # type: ignore[attr-defined]
    assert own["own"] == pytest.approx(scales.mean(), rel=1e-6)
    assert own["near"] == pytest.approx(np.nan_to_num(rows[:, 2]).mean() + 9.5, rel=1e-6)
    assert list(own) == ["mean", "median", "own", "near", "far"]
    reference = json_file(tmp_path / "processing" / "output" / "baseline.json")
    assert reference["score"]["edges"][-1] > np.quantile(scores, 0.8)
    page = (tmp_path / "processing" / "output" / "report.html").read_text()
    assert "Own measure" in page
    assert "near" in page


def test_a_champion_of_another_layout_is_not_asked(tmp_path: Path) -> None:
    same = evaluated(tmp_path, "--layout", "a1", "--champion-layout", "a1")
    assert "metrics" in same["champion"]  # type: ignore[operator]
    other = evaluated(tmp_path, "--layout", "a1", "--champion-layout", "b2")
    assert other["champion"] == {"version": "1", "incomparable": "It takes features b2, the candidate a1."}
