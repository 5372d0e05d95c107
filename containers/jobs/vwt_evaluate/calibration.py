"""Measures whether scores mean what they say, in bins of equal size by score."""

from __future__ import annotations

import numpy as np

from .values import Floats, JsonObject

BINS = 10


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
