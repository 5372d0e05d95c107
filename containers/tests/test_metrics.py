"""The evaluation's numbers against their definitions, on random rows with many ties."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

import decisions
import naive
from vwt_evaluate import binary, ranking, regression, resampling
from vwt_evaluate.calibration import recalibration
from vwt_evaluate.subgroups import subgroups
from vwt_evaluate.values import Z_95, Floats, JobError

CASES = range(40)


def rows(seed: int) -> tuple[Floats, dict[str, Floats]]:
    """Labels and two scorers; by seed few or many rows, rare or common labels, coarse or fine scores."""
    random = np.random.default_rng(seed)
    count = int(random.integers(8, 90))
    labels = (random.random(count) < random.choice([0.1, 0.4, 0.8])).astype(np.float64)
    labels[:4] = [0, 1, 0, 1]
    decimals = int(random.choice([0, 1, 2, 9]))
    first = np.clip(random.normal(0.3 + 0.3 * labels, 0.25), 0, 1).round(decimals)
    second = np.clip(0.5 * first + random.normal(0.2, 0.2, count), 0, 1).round(decimals)
    return labels, {"candidate": first, "champion": second}


def close(value: Any, expected: float) -> bool:
    return math.isclose(value, expected, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("seed", CASES)
def test_binary_metrics_are_those_of_the_textbooks(seed: int) -> None:
    labels, predictions = rows(seed)
    budget = float(np.random.default_rng(seed).choice([0.05, 0.2, 0.5]))
    metrics, differences = binary.evaluate(labels, predictions, budget)
    for name, scores in predictions.items():
        found, values = metrics[name], (labels.tolist(), scores.tolist())
        area, error = naive.auroc(*values), math.sqrt(naive.auroc_covariance(values[0], values[1], values[1]))
        assert close(found["auroc"]["value"], area)
        assert close(found["auroc"]["standardError"], error)
        assert close(found["auroc"]["low"], max(0, area - Z_95 * error))
        assert close(found["auroc"]["high"], min(1, area + Z_95 * error))
        assert close(found["averagePrecision"], naive.average_precision(*values))
        allowed = max(1, int(budget * len(labels) + 1e-9))
        top = naive.top_labels(*values, allowed)
        assert found["alert"]["alerts"] == allowed
        assert close(found["alert"]["recall"], top / labels.sum())
        assert close(found["alert"]["precision"], top / allowed)
        assert found["alert"]["threshold"] == sorted(scores, reverse=True)[allowed - 1]
        assert close(ranking.alerted(scores, found["alert"]).sum(), allowed)
        assert close(found["brier"], sum((s - y) ** 2 for y, s in zip(*values, strict=True)) / len(labels))
        clipped = np.clip(scores, 1e-15, 1 - 1e-15)
        likelihood = np.where(labels == 1, clipped, 1 - clipped)
        assert close(found["logLoss"], -sum(map(math.log, likelihood)) / len(labels))
        check_calibration(found["calibration"], labels, scores)
    check_difference(differences["champion"]["auroc"], labels, predictions)


def check_calibration(found: dict[str, Any], labels: Floats, scores: Floats) -> None:
    expected = naive.bins(labels.tolist(), scores.tolist())
    assert [each["rows"] for each in found["bins"]] == [count for count, _, _ in expected]
    for each, (_, score, label) in zip(found["bins"], expected, strict=True):
        assert close(each["meanScore"], score)
        assert close(each["meanLabel"], label)
    error = sum(count * abs(score - label) for count, score, label in expected) / len(labels)
    assert close(found["expectedCalibrationError"], error)


def check_difference(found: dict[str, Any], labels: Floats, predictions: dict[str, Floats]) -> None:
    first, second = (scores.tolist() for scores in predictions.values())
    truth = labels.tolist()
    value = naive.auroc(truth, first) - naive.auroc(truth, second)
    variance = (
        naive.auroc_covariance(truth, first, first)
        + naive.auroc_covariance(truth, second, second)
        - 2 * naive.auroc_covariance(truth, first, second)
    )
    error = math.sqrt(max(0, variance))
    assert close(found["value"], value)
    assert close(found["standardError"], error)
    assert close(found["low"], value - Z_95 * error)
    if error:
        assert close(found["pValue"], 2 * stats.norm.sf(abs(value) / error))


@pytest.mark.parametrize("seed", CASES)
def test_regression_metrics_are_those_of_the_textbooks(seed: int) -> None:
    labels, predictions = rows(seed)
    labels = (labels * np.random.default_rng(seed).exponential(20, len(labels))).round(1)
    scores = predictions["candidate"]
    metrics, _ = regression.evaluate(labels, {"candidate": scores})
    found, values = metrics["candidate"], (labels.tolist(), scores.tolist())
    errors = [s - y for y, s in zip(*values, strict=True)]
    assert close(
        found["tweedieDeviance"]["value"], naive.tweedie_deviance(values[0], [max(s, 0.01) for s in values[1]])
    )
    assert close(found["gini"]["value"], naive.gini(*values))
    assert close(found["ratioOfSums"]["value"], sum(values[1]) / sum(values[0]))
    assert close(found["mae"]["value"], sum(map(abs, errors)) / len(errors))
    assert close(found["rmse"], math.sqrt(sum(error**2 for error in errors) / len(errors)))
    assert close(found["meanError"], sum(errors) / len(errors))
    lift = naive.top_labels(*values, 0.1 * len(labels)) / sum(labels) / 0.1
    assert close(found["topDecileLift"]["value"], lift)
    assert close(found["spearman"], naive.spearman(*values))
    assert close(found["spearman"], stats.spearmanr(*values).statistic)
    check_calibration(found["calibration"], labels, scores)


def test_the_order_of_rows_changes_nothing() -> None:
    labels, predictions = rows(3)
    order = np.random.default_rng(0).permutation(len(labels))
    straight, _ = binary.evaluate(labels, predictions, 0.2)
    shuffled, _ = binary.evaluate(labels[order], {name: each[order] for name, each in predictions.items()}, 0.2)
    for member in ("auroc", "alert"):
        assert straight["candidate"][member] == pytest.approx(shuffled["candidate"][member], abs=1e-12)
    assert straight["candidate"]["brier"] == pytest.approx(shuffled["candidate"]["brier"], abs=1e-12)


@pytest.mark.usefixtures("all_resamples")
def test_intervals_hold_what_they_promise() -> None:
    """About 95 % of many samples with a known AUROC have it in their interval."""
    random, truth = np.random.default_rng(5), stats.norm.cdf(1 / math.sqrt(2))
    labels = np.repeat([0.0, 1.0], (150, 50))
    inside = 0
    for _ in range(400):
        scores = stats.norm.cdf(random.normal(labels))
        auroc = binary.evaluate(labels, {"candidate": scores}, 0.1)[0]["candidate"]["auroc"]
        inside += auroc["low"] <= truth <= auroc["high"]
    assert 0.92 <= inside / 400 <= 0.98


@pytest.mark.usefixtures("all_resamples")
def test_bootstrap_intervals_follow_the_standard_error() -> None:
    random = np.random.default_rng(6)
    labels = random.exponential(10, 2000)
    better, worse = labels + random.normal(0, 2, 2000), labels + random.normal(0, 3, 2000)
    predictions = {"candidate": better, "champion": worse}
    metrics, differences = regression.evaluate(labels, predictions)
    assert regression.evaluate(labels, predictions) == (metrics, differences)
    paired = np.abs(better - labels) - np.abs(worse - labels)
    for found, errors in (
        (metrics["candidate"]["mae"], np.abs(better - labels)),
        (differences["champion"]["mae"], paired),
    ):
        margin = Z_95 * errors.std(ddof=1) / math.sqrt(len(errors))
        assert found["low"] == pytest.approx(found["value"] - margin, abs=0.15 * margin)
        assert found["high"] == pytest.approx(found["value"] + margin, abs=0.15 * margin)


@pytest.mark.usefixtures("all_resamples")
def test_paired_intervals_of_equal_scorers_hold_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "_RESAMPLES", 100)
    monkeypatch.setattr(resampling, "_LEAST_RESAMPLES", 100)
    found = [each["differences"]["champion"] for each in decisions.evaluations(60, 0.0, 100)]
    for path in (
        ("auroc",),
        ("alert", "recall"),
        ("averagePrecision",),
        ("brier", "relative"),
        ("logLoss", "relative"),
    ):
        inside = 0
        for each in found:
            for member in path:
                each = each[member]
            inside += each["low"] <= 0 <= each["high"]
        # Of a true 95 %, 88 or fewer of 100 come once in 300 times.
        assert inside >= 88, path


@pytest.mark.usefixtures("all_resamples")
def test_what_is_better_by_so_much_is_found_by_its_interval() -> None:
    [found] = decisions.evaluations(1000, 0.024, 1)
    difference = found["differences"]["champion"]
    assert 0 < difference["auroc"]["low"] < 0.024 < difference["auroc"]["high"]
    assert difference["logLoss"]["relative"]["high"] < 0 < difference["alert"]["recall"]["low"]
    shares = [found[name]["metrics"]["logLoss"] for name in ("candidate", "champion")]
    assert close(difference["logLoss"]["relative"]["value"], shares[0] / shares[1] - 1)


@pytest.mark.usefixtures("all_resamples")
def test_rows_of_one_player_tell_as_much_as_one() -> None:
    labels, predictions = decisions.sample(np.random.default_rng(8), 60, 0.0)
    players = np.arange(len(labels))
    repeated = {name: np.repeat(scores, 4) for name, scores in predictions.items()}
    once = binary.evaluate(labels, predictions, 0.05)
    clustered = binary.evaluate(np.repeat(labels, 4), repeated, 0.05, np.repeat(players, 4))
    naively = binary.evaluate(np.repeat(labels, 4), repeated, 0.05)[1]["champion"]
    for path in ("auroc", "brier", "logLoss"):
        each, other, narrow = (found[path] for found in (once[1]["champion"], clustered[1]["champion"], naively))
        width, wrong = other["high"] - other["low"], narrow["high"] - narrow["low"]
        assert width == pytest.approx(each["high"] - each["low"], rel=0.02)
        assert wrong == pytest.approx(width / 2, rel=0.1)
    slopes = [found[0]["candidate"]["calibration"]["slope"] for found in (once, clustered)]
    assert slopes[0] == pytest.approx(slopes[1])
    amounts = np.random.default_rng(9).exponential(10, len(labels))
    single, several = (
        regression.evaluate(*rows)[1]["champion"]
        for rows in ((amounts, predictions), (np.repeat(amounts, 4), repeated, np.repeat(players, 4)))
    )
    assert single["mae"]["relative"] == pytest.approx(several["mae"]["relative"])
    assert single["spearman"] == pytest.approx(several["spearman"])


def test_calibration_is_told_by_slope_and_intercept() -> None:
    random, players = np.random.default_rng(10), np.arange(20_000)
    odds = random.normal(-2.5, 1.2, len(players))
    labels = (random.random(len(odds)) < 1 / (1 + np.exp(-odds))).astype(np.float64)

    def found(factor: float, shift: float) -> dict[str, dict[str, float]]:
        return recalibration(labels, 1 / (1 + np.exp(-(factor * odds + shift))), players)

    right, timid, low = found(1, 0), found(0.5, 0), found(1, -0.4)
    for estimate, truth in ((right["slope"], 1), (right["intercept"], 0)):
        assert estimate["low"] < truth < estimate["high"] < truth + 0.1
    for member in ("value", "low", "high"):
        assert timid["slope"][member] == pytest.approx(right["slope"][member] / 0.5)
        assert low["intercept"][member] == pytest.approx(right["intercept"][member] + 0.4)
    assert low["slope"] == pytest.approx(right["slope"])


def test_scores_that_are_all_equal_or_part_the_labels_have_no_slope() -> None:
    labels, players = np.array([0.0, 0.0, 1.0, 1.0]), np.arange(4)
    undefined = {"value": None, "low": None, "high": None}
    assert recalibration(labels, np.full(4, 0.3), players)["slope"] == undefined
    assert recalibration(labels, np.array([0.1, 0.2, 0.8, 0.9]), players)["slope"] == undefined


def test_undefined_is_null() -> None:
    labels, constant = np.array([0.0, 1.0, 0.0]), np.full(3, 0.5)
    metrics, differences = binary.evaluate(labels, {"candidate": constant, "constant": constant}, 0.05)
    assert metrics["candidate"]["auroc"] == {"value": 0.5, "low": None, "high": None, "standardError": None}
    assert differences["constant"]["auroc"]["pValue"] is None
    nothing = regression.evaluate(np.zeros(5), {"candidate": np.ones(5)})[0]["candidate"]
    assert (nothing["spearman"], nothing["topDecileLift"]["value"], nothing["topDecileLift"]["low"]) == (None,) * 3
    assert {nothing[metric]["value"] for metric in ("gini", "ratioOfSums")} == {None}


def test_a_perfect_scorer() -> None:
    labels = np.array([0.0, 0.0, 1.0, 1.0])
    metrics, differences = binary.evaluate(labels, {"candidate": labels, "same": labels}, 0.5)
    assert metrics["candidate"]["auroc"] == {"value": 1.0, "low": 1.0, "high": 1.0, "standardError": 0.0}
    assert metrics["candidate"]["alert"]["recall"] == 1.0
    assert differences["same"]["auroc"]["pValue"] == 1.0


def test_the_top_of_equal_scores_counts_in_proportion() -> None:
    labels = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    scores = np.array([0.9, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    alert = ranking.alerts(ranking.rank(labels, scores), 0.3)
    # One row above, and two of the four at the limit, which hold one positive.
    assert alert == {
        "budget": 0.3,
        "alerts": 3,
        "threshold": 0.5,
        "tieShare": 0.5,
        "recall": 0.75,
        "precision": 0.5,
    }


def test_groups_are_compared_under_one_threshold() -> None:
    random = np.random.default_rng(7)
    labels = (random.random(400) < 0.3).astype(np.float64)
    scores = np.clip(random.normal(0.3 + 0.3 * labels, 0.2), 0, 1)
    texts = np.repeat(["a", "b", "small", "", "zeros"], (150, 100, 20, 70, 60))
    labels[340:] = 0
    metrics = binary.evaluate(labels, {"candidate": scores}, 0.2)[0]["candidate"]
    found = subgroups(labels, scores, {"country": texts}, metrics, binary.subgroup, "recall")["country"]
    assert [each["group"] for each in found["groups"]] == ["unknown", "a", "b"]
    assert found["omitted"] == {"groups": 2, "rows": 80}
    threshold = metrics["alert"]["threshold"]
    recalls = {}
    for group in ("a", "b"):
        members = (texts == group) & (labels == 1)
        recalls[group] = float((scores[members] >= threshold).mean())
    assert {each["group"]: each["recall"] for each in found["groups"][1:]} == pytest.approx(recalls)
    assert found["gap"] == pytest.approx(abs(recalls["a"] - recalls["b"]))
    assert found["groups"][1]["auroc"] == pytest.approx(naive.auroc(labels[:150].tolist(), scores[:150].tolist()))


@pytest.mark.parametrize("labels", [[0.0, 2.0], [1.0, 1.0]])
def test_refuses_labels_without_two_classes(labels: list[float]) -> None:
    with pytest.raises(JobError, match=r"labels than 0 and 1|one class only"):
        binary.check_labels(np.array(labels), "test")
