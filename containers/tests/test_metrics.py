"""The evaluation's numbers against their definitions, on random rows with many ties."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

import naive
from vwt_evaluate import binary, ranking, regression
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


def test_undefined_is_null() -> None:
    labels, constant = np.array([0.0, 1.0, 0.0]), np.full(3, 0.5)
    metrics, differences = binary.evaluate(labels, {"candidate": constant, "constant": constant}, 0.05)
    assert metrics["candidate"]["auroc"] == {"value": 0.5, "low": None, "high": None, "standardError": None}
    assert differences["constant"]["auroc"]["pValue"] is None
    nothing = regression.evaluate(np.zeros(5), {"candidate": np.ones(5)})[0]["candidate"]
    assert (nothing["spearman"], nothing["topDecileLift"]["value"], nothing["topDecileLift"]["low"]) == (None,) * 3


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
