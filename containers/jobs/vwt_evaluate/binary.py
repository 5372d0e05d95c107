"""Measures scores that are probabilities of a label of 1."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from vwt_common.labels import fault

from . import ranking
from .calibration import calibration
from .values import Z_95, Floats, JobError, JsonObject, interval, number

# Keeps the log loss of a certain and wrong score finite, as scikit-learn did for doubles until 1.3.
_LEAST_PROBABILITY = 1e-15


def check_labels(labels: Floats, split: str) -> None:
    """Refuses rows that nothing can be measured on.

    Raises:
        JobError: Other labels than 0 and 1, or one of them only.
    """
    if problem := fault(labels):
        raise JobError(f"The {split} data {problem}: nothing can be compared on it.")


def evaluate(
    labels: Floats, predictions: Mapping[str, Floats], budget: float
) -> tuple[dict[str, JsonObject], dict[str, JsonObject]]:
    """Measures several scorers on the same rows.

    Args:
        labels: Shape (rows,), 0 and 1, both present.
        predictions: Probabilities by scorer, shape (rows,) each; the first is the candidate.
        budget: Share of the rows that may raise an alert.

    Returns:
        The metrics of every scorer; and the differences, candidate minus scorer, for every scorer but the first.
    """
    names = list(predictions)
    areas = ranking.areas(labels, np.stack(list(predictions.values())))
    metrics = {
        name: _metrics(labels, scores, budget, float(areas.values[i]), float(areas.covariance[i, i]))
        for i, (name, scores) in enumerate(predictions.items())
    }
    covariance = areas.covariance
    differences = {
        name: _difference(
            metrics[names[0]],
            metrics[name],
            float(covariance[0, 0] + covariance[i, i] - 2 * covariance[0, i]),
        )
        for i, name in enumerate(names)
        if i
    }
    return metrics, differences


def _metrics(labels: Floats, scores: Floats, budget: float, auroc: float, variance: float) -> JsonObject:
    error = math.sqrt(variance)
    # max and min would make the bound of a NaN.
    low, high = np.clip((auroc - Z_95 * error, auroc + Z_95 * error), 0, 1)
    ranked = ranking.rank(labels, scores)
    likely = np.clip(scores, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    return {
        "auroc": {
            **interval(auroc, low, high),
            "standardError": number(error),
        },
        "averagePrecision": ranking.average_precision(ranked),
        "alert": ranking.alerts(ranked, budget),
        "brier": float(np.mean((scores - labels) ** 2)),
        "logLoss": float(-np.mean(labels * np.log(likely) + (1 - labels) * np.log(1 - likely))),
        "meanScore": float(scores.mean()),
        "calibration": calibration(labels, scores),
    }


def _difference(candidate: JsonObject, other: JsonObject, variance: float) -> JsonObject:
    value = candidate["auroc"]["value"] - other["auroc"]["value"]
    # Rounding may take the variance of two scorers that rank alike just below zero.
    error = math.sqrt(max(0.0, variance)) if not math.isnan(variance) else math.nan
    auroc = interval(value, value - Z_95 * error, value + Z_95 * error)
    return {
        "auroc": {**auroc, "standardError": number(error), "pValue": _two_sided(value, error)},
        "averagePrecision": candidate["averagePrecision"] - other["averagePrecision"],
        "recall": candidate["alert"]["recall"] - other["alert"]["recall"],
        "brier": candidate["brier"] - other["brier"],
        "logLoss": candidate["logLoss"] - other["logLoss"],
        "expectedCalibrationError": candidate["calibration"]["expectedCalibrationError"]
        - other["calibration"]["expectedCalibrationError"],
    }


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
