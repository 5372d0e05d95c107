"""Groups of risk against definitions, and how often they are right about scores that are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import evaluation_inputs
import naive
import risk_worlds
from vwt_evaluate.main import parse, run
from vwt_evaluate.risk_groups import risk_groups
from vwt_evaluate.values import JobError

THRESHOLDS = {"moderate": 0.1, "high": 0.3, "severe": 0.6}


def measured(labels: list[float], scores: list[float], **of_rows: list[float]) -> dict[str, Any]:
    rows = np.arange(len(labels))
    weights = np.array(of_rows.get("weights", np.ones(len(labels))), dtype=np.float64)
    players = np.array(of_rows.get("players", rows), dtype=np.intp)
    return risk_groups(np.array(labels), np.array(scores), weights, players, THRESHOLDS)


def test_a_group_whose_observed_rate_is_elsewhere_is_told_in_words() -> None:
    # 12 of 100 "high" players, and 5 of 100 "low" ones.
    labels = 12 * [1.0] + 88 * [0.0] + 5 * [1.0] + 95 * [0.0]
    found = measured(labels, 100 * [0.4] + 100 * [0.05])
    low, moderate, high, severe = found["groups"]
    assert found["outside"] == 1
    assert found["inWords"] == '"high" is from 0.3 to 0.6, and observed were 0.12 (0.07 to 0.198)'
    assert high["observed"] == pytest.approx({"value": 0.12, "low": 0.069994, "high": 0.198121}, abs=1e-6)
    assert (high["rows"], high["share"], high["meanScore"], high["place"]) == (100, 0.5, pytest.approx(0.4), "below")
    assert low["place"] == "within"
    assert [each["observed"] for each in (moderate, severe)] == [None, None]
    assert [each["place"] for each in (moderate, severe)] == [None, None]


@pytest.mark.parametrize(
    ("positives", "score", "place"),
    [(12, 0.4, "below"), (40, 0.4, "within"), (80, 0.4, "above"), (50, 0.05, "above"), (100, 1.0, "within")],
)
def test_the_whole_interval_must_lie_outside(positives: int, score: float, place: str) -> None:
    found = measured(positives * [1.0] + (100 - positives) * [0.0], 100 * [score])
    assert [each["place"] for each in found["groups"] if each["rows"]] == [place]


def test_a_score_at_a_threshold_belongs_to_the_group_above() -> None:
    found = measured([0, 0, 0, 0], [0.0, 0.1, 0.3, 0.6])
    assert [each["rows"] for each in found["groups"]] == [1, 1, 1, 1]


@pytest.mark.parametrize("seed", range(10))
def test_groups_are_those_of_the_definitions(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.beta(0.6, 2, 60).round(2)
    labels = (random.random(60) < scores).astype(np.float64)
    players = random.integers(0, 25, 60)
    weights = random.choice([0.25, 0.5, 1], 60)
    found = risk_groups(labels, scores, weights, players, THRESHOLDS)
    rows = list(zip(labels.tolist(), scores.tolist(), weights.tolist(), players.tolist(), strict=True))
    for each in found["groups"]:
        expected = naive.risk_group(rows, each["from"], each["to"])
        assert (each["rows"], each["share"]) == (expected["rows"], pytest.approx(expected["share"]))
        assert each["meanScore"] == pytest.approx(expected["meanScore"])
        assert each["observed"] == pytest.approx(expected["observed"])


def test_intervals_are_wilsons_where_each_row_is_another_player() -> None:
    found = measured(7 * [1.0] + 34 * [0.0], 41 * [0.2])["groups"][1]["observed"]
    expected = stats.binomtest(7, 41).proportion_ci(0.95, "wilson")
    assert (found["low"], found["high"]) == pytest.approx((expected.low, expected.high))


def test_repeated_rows_of_a_player_make_no_interval_narrower() -> None:
    once = measured([1.0, 0, 0, 0], 4 * [0.2])
    thrice = measured([1.0, 1, 1, *9 * [0.0]], 12 * [0.2], players=[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    assert once["groups"][1]["observed"] == pytest.approx(thrice["groups"][1]["observed"])


def test_scores_that_are_right_are_hardly_ever_refused_and_wrong_groups_are_found() -> None:
    assert risk_worlds.shares("right", 200, 50)["groups"] <= 0.04
    # Slope and intercept see nothing of it.
    capped = risk_worlds.shares("no risk is above 0.3", 1000, 10)
    assert (capped["groups"], capped["curve"]) == (1, 0)


def test_an_evaluation_tells_them_of_the_models_and_not_of_baselines(tmp_path: Path) -> None:
    evaluation_inputs.write(tmp_path, evaluation_inputs.files("binary"))
    options = "--task binary --model risk --candidate-version 2 --champion-version 1 --risk-thresholds"
    run(tmp_path, [*options.split(), '{"high": 0.3}'])
    output = tmp_path / "processing" / "output"
    result = json.loads((output / "evaluation.json").read_text())
    for model in ("candidate", "champion"):
        groups = result[model]["metrics"]["riskGroups"]["groups"]
        assert [(each["group"], each["from"], each["to"]) for each in groups] == [("low", 0, 0.3), ("high", 0.3, 1)]
        assert sum(each["rows"] for each in groups) == result["data"]["rows"]
    assert "riskGroups" not in result["baselines"]["constant"]["metrics"]
    assert "Groups of risk" in (output / "report.html").read_text()


@pytest.mark.parametrize("thresholds", ["", "x", "0.3", "[0.3]", '{"high": 0.6, "severe": 0.3}', '{"high": 1}'])
def test_thresholds_that_are_none_are_refused(thresholds: str) -> None:
    options = ["--task", "binary", "--model", "risk", "--candidate-version", "2", "--risk-thresholds", thresholds]
    with pytest.raises(JobError, match="argument --risk-thresholds"):
        parse(options)
