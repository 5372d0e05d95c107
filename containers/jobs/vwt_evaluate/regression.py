"""Measures scores that are amounts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from . import ranking
from .calibration import calibration
from .resampling import Values, difference, estimate, resample
from .values import Floats, Indices, JsonObject

_TOP = 0.1
# Scores below a cent count as one: the deviance of a score of nothing is infinite.
_LEAST = 0.01
# By metric, whether a difference is told as a share too.
_COMPARED = {
    "tweedieDeviance": True,
    "gini": False,
    "mae": True,
    "rmse": True,
    "topDecileLift": False,
    "spearman": False,
}


def evaluate(
    labels: Floats, predictions: Mapping[str, Floats], players: Indices | None = None
) -> tuple[dict[str, JsonObject], dict[str, JsonObject]]:
    """Measures several scorers on the same rows, with intervals by a paired bootstrap of players.

    Args:
        labels: Shape (rows,), the amounts that were observed.
        predictions: Amounts by scorer, shape (rows,) each; the first is the candidate.
        players: Shape (rows,), the player of each row, counted from 0; without it each row is another's.

    Returns:
        The metrics of every scorer; and the differences, candidate minus scorer, for every scorer but the first.
    """
    scores = list(predictions.values())
    measure = _measure(labels, scores)
    values = measure(np.ones(len(labels)))
    samples = resample(np.arange(len(labels)) if players is None else players, measure)
    of = {metric: [estimate(*each) for each in zip(values[metric], samples[metric], strict=True)] for metric in values}
    metrics = {
        name: _metrics(labels, each, {metric: of[metric][i] for metric in of})
        for i, (name, each) in enumerate(predictions.items())
    }
    return metrics, {
        name: {
            metric: difference(values[metric][[0, i]], samples[metric][[0, i]], relative=relative)
            for metric, relative in _COMPARED.items()
        }
        for i, name in enumerate(metrics)
        if i
    }


def _metrics(labels: Floats, scores: Floats, estimates: JsonObject) -> JsonObject:
    return {
        "tweedieDeviance": estimates["tweedieDeviance"],
        "gini": estimates["gini"],
        "ratioOfSums": estimates["ratioOfSums"],
        "mae": estimates["mae"],
        "rmse": estimates["rmse"]["value"],
        "meanError": float((scores - labels).mean()),
        "topDecileLift": estimates["topDecileLift"],
        "spearman": estimates["spearman"]["value"],
        "meanScore": float(scores.mean()),
        "calibration": calibration(labels, scores),
    }


def _measure(labels: Floats, scores: list[Floats]) -> Callable[[Floats], Values]:
    """Prepares what takes how often each row is drawn, and returns the metrics of every scorer."""
    amounts = np.stack(scores)
    errors = np.abs(amounts - labels)
    squares = errors**2
    deviances = deviance(labels, amounts)
    grouped = [ranking.groups(each) for each in scores]
    of_labels = ranking.groups(labels)

    def measure(weights: Floats) -> Values:
        total = weights.sum()
        drawn = weights * labels
        rankings = [ranking.drawn(each, weights, drawn) for each in grouped]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = amounts @ weights / drawn.sum()
        return {
            "tweedieDeviance": deviances @ weights / total,
            "gini": np.array([each.gini() for each in rankings]),
            "ratioOfSums": ratios,
            "mae": errors @ weights / total,
            "rmse": np.sqrt(squares @ weights / total),
            "topDecileLift": np.array([each.gains(_TOP) / _TOP for each in rankings]),
            "spearman": np.array([_spearman(of_labels[1], group, weights) for _, group in grouped]),
        }

    return measure


def deviance(labels: Floats, scores: Floats) -> Floats:
    """Computes the unit deviance of the Tweedie distribution of variance power 1.5, which has a mass at 0.

    Source: Jørgensen 1997; of this power, the general form comes to 4 (√score - √label)² / √score. The mean has the
    least of all constants.

    Args:
        labels: Shape (rows,), amounts of 0 or more.
        scores: Shape (scorers, rows).

    Returns:
        Shape (scorers, rows).
    """
    roots = np.sqrt(np.maximum(scores, _LEAST))
    unit: Floats = 4 * (np.sqrt(labels) - roots) ** 2 / roots
    return unit


def _spearman(amounts: Indices, scores: Indices, weights: Floats) -> float:
    """Computes the correlation of the ranks of weighted rows, given by group; NaN when one of them is constant."""
    of_amounts, of_scores = (_ranks(group, weights) for group in (amounts, scores))
    scale = math.sqrt((weights * of_amounts) @ of_amounts) * math.sqrt((weights * of_scores) @ of_scores)
    return float((weights * of_amounts) @ of_scores) / scale if scale else math.nan


def _ranks(group: Indices, weights: Floats) -> Floats:
    """Ranks weighted rows around 0, those of a group sharing the mean of their ranks."""
    counts = np.bincount(group, weights=weights)
    ranks: Floats = (np.cumsum(counts) - counts / 2 - counts.sum() / 2)[group]
    return ranks


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
