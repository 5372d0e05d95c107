"""Measures whether scores mean what they say: in bins of equal size by score, and by what would correct them."""

from __future__ import annotations

import numpy as np

from .values import Z_95, Floats, Indices, JsonObject, interval

BINS = 10
# Log odds of certain scores would be infinite.
_LEAST = 1e-6
_STEPS, _CONVERGED = 50, 1e-10


def calibration(labels: Floats, scores: Floats) -> JsonObject:
    """Makes ten bins by quantile of the score, and the mean distance between score and label over them.

    A row belongs to the bin of the share of rows that score lower, so equal scores share a bin; a bin that stays empty
    is left out.
    """
    below = np.searchsorted(np.sort(scores), scores, side="left")
    bins = below * BINS // len(scores)
    counts = np.bincount(bins, minlength=BINS)
    used = counts > 0
    counts = counts[used]
    mean_scores = np.bincount(bins, weights=scores, minlength=BINS)[used] / counts
    mean_labels = np.bincount(bins, weights=labels, minlength=BINS)[used] / counts
    return {
        "expectedCalibrationError": float((counts * np.abs(mean_scores - mean_labels)).sum() / len(scores)),
        "bins": [
            {"rows": int(count), "meanScore": float(score), "meanLabel": float(label)}
            for count, score, label in zip(counts, mean_scores, mean_labels, strict=True)
        ],
    }


def recalibration(labels: Floats, scores: Floats, players: Indices) -> JsonObject:
    """Estimates what would make probabilities right: log odds of the label = intercept + slope * log odds of the score.

    Source: Cox 1958. A slope below 1 tells of scores that are too extreme, one above of scores that are too timid. The
    intercept is that of slope 1: above 0, scores are too low on the whole.

    Args:
        labels: Shape (rows,), 0 and 1.
        scores: Shape (rows,), probabilities.
        players: Shape (rows,), the player of each row, counted from 0; the intervals take a player's rows together.

    Returns:
        Estimates `slope` and `intercept`; None for their values where the rows have none, as for equal scores.
    """
    likely = np.clip(scores, _LEAST, 1 - _LEAST)
    odds = np.log(likely) - np.log1p(-likely)
    ones = np.ones((len(labels), 1))
    intercept = _fit(labels, ones, odds, players)
    slope = _fit(labels, np.column_stack((ones, odds)), np.zeros(len(labels)), players)
    return {"slope": slope, "intercept": intercept}


def _fit(labels: Floats, columns: Floats, offset: Floats, players: Indices) -> JsonObject:
    """Estimates the last coefficient of a logistic regression by Newton's method, with a sandwich variance."""
    coefficients = np.zeros(columns.shape[1])
    undefined = interval(np.nan, np.nan, np.nan)
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-np.clip(offset + columns @ coefficients, -700, 700)))
        information = (columns * (likely * (1 - likely))[:, None]).T @ columns
        if not np.linalg.cond(information) < 1 / _CONVERGED:
            return undefined
        pulls = columns * (labels - likely)[:, None]
        step = np.linalg.solve(information, pulls.sum(axis=0))
        coefficients += step
        if np.abs(step).max() < _CONVERGED:
            break
    else:
        return undefined
    of_players = np.stack([np.bincount(players, weights=column) for column in pulls.T])
    spread = np.linalg.solve(information, of_players)[-1]
    value, margin = coefficients[-1], Z_95 * float(np.sqrt(spread @ spread))
    return interval(value, value - margin, value + margin)
