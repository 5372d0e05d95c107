"""Measures scores that are probabilities of a label of 1."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from vwt_common.labels import fault

from . import ranking
from .calibration import calibration, recalibration
from .resampling import Values, difference, nested, resample
from .values import Z_95, Floats, Indices, JobError, JsonObject, interval, number

# Keeps the log loss of a certain and wrong score finite, as scikit-learn did for doubles until 1.3.
_LEAST_PROBABILITY = 1e-15
# By metric beside the AUROC, whether a difference is told as a share too.
_COMPARED = {"averagePrecision": False, "alert.recall": False, "alert.precision": False, "brier": True, "logLoss": True}


def check_labels(labels: Floats, split: str) -> None:
    """Refuses rows that nothing can be measured on.

    Raises:
        JobError: Other labels than 0 and 1, or one of them only.
    """
    if problem := fault(labels):
        raise JobError(f"The {split} data {problem}: nothing can be compared on it.")


def evaluate(
    labels: Floats, predictions: Mapping[str, Floats], budget: float, players: Indices | None = None
) -> tuple[dict[str, JsonObject], dict[str, JsonObject]]:
    """Measures several scorers on the same rows.

    Args:
        labels: Shape (rows,), 0 and 1, both present.
        predictions: Probabilities by scorer, shape (rows,) each; the first is the candidate.
        budget: Share of the rows that may raise an alert.
        players: Shape (rows,), the player of each row, counted from 0; without it each row is another's.

    Returns:
        The metrics of every scorer; and the differences, candidate minus scorer, for every scorer but the first.
    """
    scores = np.stack(list(predictions.values()))
    players = np.arange(len(labels)) if players is None else players
    areas = ranking.areas(labels, scores, players)
    covariance = areas.covariance
    metrics = {
        name: _metrics(labels, each, budget, float(areas.values[i]), float(covariance[i, i]), players)
        for i, (name, each) in enumerate(predictions.items())
    }
    candidate, *others = metrics.values()
    if not others:
        return metrics, {}
    measure = _measure(labels, scores, budget)
    values, samples = measure(np.ones(len(labels))), resample(players, measure)

    def differences(i: int, other: JsonObject) -> JsonObject:
        variance = float(covariance[0, 0] + covariance[i, i] - 2 * covariance[0, i])
        error = "expectedCalibrationError"
        return nested(
            {
                "auroc": _area(candidate["auroc"]["value"] - other["auroc"]["value"], variance),
                **{
                    metric: difference(values[metric][[0, i]], samples[metric][[0, i]], relative=relative)
                    for metric, relative in _COMPARED.items()
                },
                f"calibration.{error}": candidate["calibration"][error] - other["calibration"][error],
            }
        )

    names = list(metrics)[1:]
    return metrics, {name: differences(i, each) for i, (name, each) in enumerate(zip(names, others, strict=True), 1)}


def _measure(labels: Floats, scores: Floats, budget: float) -> Callable[[Floats], Values]:
    """Prepares what takes how often each row is drawn, and returns the metrics of every scorer."""
    squares, losses = (scores - labels) ** 2, _log_losses(labels, scores)
    grouped = [ranking.groups(each) for each in scores]
    # The budget in whole rows, as `ranking.alerts` takes it.
    share = ranking.allowed(len(labels), budget) / len(labels)

    def measure(weights: Floats) -> Values:
        total, positives = weights.sum(), weights * labels
        ranked = [ranking.drawn(each, weights, positives) for each in grouped]
        recalls = np.array([each.gains(share) for each in ranked])
        return {
            "averagePrecision": np.array([ranking.average_precision(each) for each in ranked]),
            "alert.recall": recalls,
            "alert.precision": recalls * positives.sum() / (share * total),
            "brier": squares @ weights / total,
            "logLoss": losses @ weights / total,
        }

    return measure


def _log_losses(labels: Floats, scores: Floats) -> Floats:
    likely = np.clip(scores, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    losses: Floats = -np.log(np.where(labels == 1, likely, 1 - likely))
    return losses


def _metrics(
    labels: Floats, scores: Floats, budget: float, auroc: float, variance: float, players: Indices
) -> JsonObject:
    error = math.sqrt(variance)
    # max and min would make the bound of a NaN.
    low, high = np.clip((auroc - Z_95 * error, auroc + Z_95 * error), 0, 1)
    ranked = ranking.rank(labels, scores)
    return {
        "auroc": {
            **interval(auroc, low, high),
            "standardError": number(error),
        },
        "averagePrecision": ranking.average_precision(ranked),
        "alert": ranking.alerts(ranked, budget),
        "brier": float(np.mean((scores - labels) ** 2)),
        "logLoss": float(_log_losses(labels, scores).mean()),
        "meanScore": float(scores.mean()),
        "calibration": {**calibration(labels, scores), **recalibration(labels, scores, players)},
    }


def _area(value: float, variance: float) -> JsonObject:
    # Rounding may take the variance of two scorers that rank alike just below zero.
    error = math.sqrt(max(0.0, variance)) if not math.isnan(variance) else math.nan
    auroc = interval(value, value - Z_95 * error, value + Z_95 * error)
    return {**auroc, "standardError": number(error), "pValue": _two_sided(value, error)}


def _two_sided(value: float, error: float) -> float | None:
    """Returns the probability of a difference at least as large if there were none."""
    if math.isnan(error):
        return None
    if error == 0:
        return 1.0 if value == 0 else 0.0
    return math.erfc(abs(value) / error / math.sqrt(2))


def subgroup(labels: Floats, scores: Floats, metrics: JsonObject) -> JsonObject | None:
    """Measures the rows of one group under the threshold of all; None with one class only."""
    positives = int(labels.sum())
    if positives in (0, len(labels)):
        return None
    alerted = ranking.alerted(scores, metrics["alert"])
    return {
        "rows": len(labels),
        "positives": positives,
        "auroc": ranking.area(labels, scores),
        "recall": float(alerted @ labels / positives),
        "alertShare": float(alerted.mean()),
        "meanScore": float(scores.mean()),
        "meanLabel": float(labels.mean()),
    }
