"""Describes the held-out data for later comparisons with the traffic: `baseline.json`."""

from __future__ import annotations

import numpy as np

from vwt_common import contract

from .data import Rows
from .values import Features, Floats, JsonObject

_BINS = 10


def baseline(model: str, version: str, validation: Rows, test: Rows, scores: Floats) -> JsonObject:
    """Describes every feature and the score by their distributions.

    Args:
        model: The model's name.
        version: The version of the model that scored the rows.
        validation: Its features count.
        test: Its features count too.
        scores: Shape (rows,), in single precision as XGBoost computes them.
    """
    columns = zip(validation.features.T, test.features.T, strict=True)
    return {
        "schemaVersion": contract.SCHEMA_VERSIONS["reference"],
        "model": model,
        "modelVersion": version,
        "rows": len(validation.labels) + len(test.labels),
        "features": [distribution(np.concatenate(parts)) for parts in columns],
        "score": distribution(scores.astype(np.float32)),
    }


def distribution(values: Features) -> JsonObject:
    """Counts the shares of values between the deciles of those that are present.

    Nothing lies beyond a decile that is the largest value: the next smaller value is the edge in its place, so that
    a change of what is nearly always at its limit is seen.

    An edge is a decile's upper limit in single precision: halfway to the next number. So a value falls into the same
    bin as it was written and as XGBoost reads it, also where many values equal the decile.

    Args:
        values: Shape (rows,), at least one, NaN where missing.

    Returns:
        `edges`, strictly increasing; `shares` of the present values, one more than edges, each bin including its upper
        edge; `missing`, a share of all values.
    """
    ordered = np.sort(values)
    count = len(values) - int(np.isnan(values).sum())
    if not count:
        return {"edges": [], "shares": [0.0], "missing": 1.0}
    present = ordered[:count]
    # The smallest value that a tenth, two tenths, … of the values do not exceed.
    deciles = present[(np.arange(1, _BINS) * count + _BINS - 1) // _BINS - 1]
    smaller = present[: np.searchsorted(present, present[-1], side="left")]
    edges = np.unique(np.minimum(deciles, smaller[-1]) if len(smaller) else deciles)
    ends = np.searchsorted(present, edges, side="right")
    return {
        "edges": _upper_limits(edges).tolist(),
        "shares": (np.diff(ends, prepend=0, append=count) / count).tolist(),
        "missing": (len(values) - count) / len(values),
    }


def _upper_limits(values: Features) -> Floats:
    with np.errstate(over="ignore"):
        following = np.nextafter(values, np.float32(np.inf)).astype(np.float64)
    limits: Floats = np.minimum((values + following) / 2, np.finfo(np.float32).max)
    return limits
