"""Measures scores that are amounts."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from . import ranking
from .calibration import calibration
from .values import Floats, JsonObject, interval, number

_SEED = 20_260_101
_TOP = 0.1
# Fewer for very many rows, whose intervals are narrow anyway: the work stays bounded.
_RESAMPLES, _LEAST_RESAMPLES, _DRAWS = 1000, 200, 200_000_000


def evaluate(labels: Floats, predictions: Mapping[str, Floats]) -> tuple[dict[str, JsonObject], dict[str, JsonObject]]:
    """Measures several scorers on the same rows, with intervals by a paired bootstrap (seeded, percentiles).

    Args:
        labels: Shape (rows,), the amounts that were observed.
        predictions: Amounts by scorer, shape (rows,) each; the first is the candidate.

    Returns:
        The metrics of every scorer; and the differences, candidate minus scorer, for every scorer but the first.
    """
    maes, lifts = _bootstrap(labels, list(predictions.values()))
    metrics = {
        name: _metrics(labels, scores, maes[i], lifts[i]) for i, (name, scores) in enumerate(predictions.items())
    }
    first, *others = metrics
    differences = {
        name: _difference(metrics[first], metrics[name], maes[0] - maes[i], lifts[0] - lifts[i])
        for i, name in enumerate(others, start=1)
    }
    return metrics, differences


def _metrics(labels: Floats, scores: Floats, maes: Floats, lifts: Floats) -> JsonObject:
    errors = scores - labels
    return {
        "mae": _with_interval(float(np.abs(errors).mean()), maes),
        "rmse": float(np.sqrt(np.mean(errors**2))),
        "meanError": float(errors.mean()),
        "topDecileLift": _with_interval(ranking.rank(labels, scores).gains(_TOP) / _TOP, lifts),
        "spearman": number(_spearman(labels, scores)),
        "meanScore": float(scores.mean()),
        "calibration": calibration(labels, scores),
    }


def _difference(candidate: JsonObject, other: JsonObject, maes: Floats, lifts: Floats) -> JsonObject:
    lift = candidate["topDecileLift"]["value"], other["topDecileLift"]["value"]
    return {
        "mae": _with_interval(candidate["mae"]["value"] - other["mae"]["value"], maes),
        "rmse": candidate["rmse"] - other["rmse"],
        "topDecileLift": _with_interval(lift[0] - lift[1] if None not in lift else np.nan, lifts),
    }


def _with_interval(value: float, resampled: Floats) -> JsonObject:
    defined = resampled[np.isfinite(resampled)]
    low, high = np.percentile(defined, (2.5, 97.5)) if len(defined) else (np.nan, np.nan)
    return interval(value, low, high)


def _bootstrap(labels: Floats, scores: list[Floats]) -> tuple[Floats, Floats]:
    """Computes mean absolute errors and top-decile lifts of resampled rows, the same rows for every scorer.

    Returns:
        Two arrays of shape (scorers, resamples); a lift is NaN where no amount was drawn.
    """
    rows = len(labels)
    resamples = max(_LEAST_RESAMPLES, min(_RESAMPLES, _DRAWS // rows))
    errors = np.abs(np.stack(scores) - labels)
    grouped = [ranking.groups(each) for each in scores]
    maes, lifts = np.empty((2, len(scores), resamples))
    random = np.random.default_rng(_SEED)
    for sample in range(resamples):
        # How often each row is drawn.
        weights = np.bincount(random.integers(0, rows, rows), minlength=rows).astype(np.float64)
        maes[:, sample] = errors @ weights / rows
        amounts = weights * labels
        for index, (distinct, group) in enumerate(grouped):
            drawn: Floats = np.cumsum(np.bincount(group, weights=weights))
            gained: Floats = np.cumsum(np.bincount(group, weights=amounts))
            lifts[index, sample] = ranking.Ranking(distinct, drawn, gained).gains(_TOP) / _TOP
    return maes, lifts


def _spearman(labels: Floats, scores: Floats) -> float:
    """Computes the correlation of the ranks; NaN when one of them is constant."""
    of_labels, of_scores = (each - each.mean() for each in (ranking.midranks(labels), ranking.midranks(scores)))
    scale = math.sqrt(of_labels @ of_labels) * math.sqrt(of_scores @ of_scores)
    return float(of_labels @ of_scores) / scale if scale else math.nan


def subgroup(labels: Floats, scores: Floats, _metrics: JsonObject) -> JsonObject | None:
    """Measures the rows of one group."""
    errors = scores - labels
    return {
        "rows": len(labels),
        "mae": float(np.abs(errors).mean()),
        "meanError": float(errors.mean()),
        "meanScore": float(scores.mean()),
        "meanLabel": float(labels.mean()),
    }
