"""Describes the held-out data for later comparisons with the traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vwt_common import contract

from .values import Features, Floats, Indices, JsonObject

_BINS = 10


# Rows that a sample has: as many of the traffic tell an AUROC to within 0.02.
SAMPLE = 2_000
# A feature has ten bins at most and one of missing values.
_DIGITS = np.array(list("0123456789abcdef"))


@dataclass(frozen=True)
class Reference:
    """Describes the rows that were held out.

    Attributes:
        distributions: The content of `baseline.json`; nothing of it is about a single player.
        rows: The content of `reference/training.json`, a sample of the rows, which says whose they are no more.
    """

    distributions: JsonObject
    rows: JsonObject


def one_a_player(weights: Floats) -> NDArray[np.bool_]:
    """Chooses rows by their weights, so that of a player's rows, which share one weight, about one is chosen.

    Args:
        weights: Shape (rows,), above 0.

    Returns:
        Shape (rows,), the same for the same weights.
    """
    chosen: NDArray[np.bool_] = np.random.default_rng(0).random(len(weights)) < weights / weights.max()
    return chosen


def reference(
    model: str, version: str, held_out: Features, scores: Floats, thresholds: Mapping[str, float] | None
) -> Reference:
    """Describes every feature and the score by their distributions, and keeps a sample of binned rows.

    Args:
        model: The model's name.
        version: The version of the model that scored the rows.
        held_out: Shape (rows, columns), NaN where missing.
        scores: Shape (rows,), in single precision as XGBoost computes them.
        thresholds: The least score of each risk group; None where the score tells no risk.
    """
    schema = {"schemaVersion": contract.SCHEMA_VERSIONS["reference"]}
    features = [distribution(column) for column in held_out.T]
    distributions = {
        **schema,
        "model": model,
        "modelVersion": version,
        "rows": len(held_out),
        "features": features,
        "score": distribution(scores.astype(np.float32)),
        "risk": None if thresholds is None else _risk(scores.astype(np.float32), thresholds),
    }
    chosen = np.random.default_rng(0).permutation(len(held_out))[:SAMPLE]
    codes = np.column_stack(
        [bins(column, each["edges"]) for column, each in zip(held_out[chosen].T, features, strict=True)]
    )
    return Reference(distributions, {**schema, "rows": ["".join(row) for row in _DIGITS[codes].tolist()]})


def _risk(scores: Features, thresholds: Mapping[str, float]) -> JsonObject:
    shares = {group: float((scores >= np.float32(least)).mean()) for group, least in thresholds.items()}
    return {"thresholds": dict(thresholds), "atOrAbove": shares}


def bins(values: Features, edges: list[float]) -> Indices:
    """Finds the bin of each value, that of missing values being the last.

    Args:
        values: Shape (rows,), NaN where missing.
        edges: Those of a `distribution`: a bin includes its upper edge.
    """
    found = np.searchsorted(np.array(edges), values.astype(np.float64), side="left")
    return np.where(np.isnan(values), len(edges) + 1, found)


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
