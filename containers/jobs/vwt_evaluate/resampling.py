"""Resamples players, so that what is measured of several scorers on the same rows gets intervals that are paired.

Rows of one player are alike: an interval that took each for a player of its own would be too narrow. So whole players
are drawn, and every scorer is measured on the same draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .values import Floats, Indices, JsonObject, interval

_SEED = 20_260_101
# Fewer for very many rows, whose intervals are narrow anyway: the work stays bounded.
_RESAMPLES, _LEAST_RESAMPLES, _DRAWS = 1000, 200, 200_000_000

# By metric, a value for each scorer.
Values = Mapping[str, Floats]


def resample(players: Indices, measure: Callable[[Floats], Values]) -> dict[str, Floats]:
    """Measures resampled players, the same ones for every scorer (seeded).

    Args:
        players: Shape (rows,), the player of each row, counted from 0.
        measure: Takes how often each row is drawn.

    Returns:
        By metric, shape (scorers, resamples); NaN where a draw leaves a metric undefined.
    """
    count = int(players.max()) + 1
    random = np.random.default_rng(_SEED)
    drawn: list[Values] = []
    for _ in range(max(_LEAST_RESAMPLES, min(_RESAMPLES, _DRAWS // len(players)))):
        weights = np.bincount(random.integers(0, count, count), minlength=count).astype(np.float64)
        drawn.append(measure(weights[players]))
    return {metric: np.stack([each[metric] for each in drawn], axis=1) for metric in drawn[0]}


def estimate(value: float, samples: Floats) -> JsonObject:
    """Makes an estimate with the 2.5 % and 97.5 % percentiles of its resamples."""
    defined = samples[np.isfinite(samples)]
    low, high = np.percentile(defined, (2.5, 97.5)) if len(defined) else (np.nan, np.nan)
    return interval(value, low, high)


def difference(values: Floats, samples: Floats, *, relative: bool = False) -> JsonObject:
    """Makes an estimate of what a scorer has more than another.

    Args:
        values: Shape (2,), of the candidate and of the other.
        samples: Shape (2, resamples), of both.
        relative: Whether the difference as a share of the other's value is told too, as `relative`.
    """
    result = estimate(values[0] - values[1], samples[0] - samples[1])
    if relative:
        with np.errstate(divide="ignore", invalid="ignore"):
            result["relative"] = estimate(values[0] / values[1] - 1, samples[0] / samples[1] - 1)
    return result


def nested(flat: Mapping[str, object]) -> JsonObject:
    """Makes a tree of values by dotted path."""
    result: JsonObject = {}
    for path, value in flat.items():
        *parents, last = path.split(".")
        at = result
        for parent in parents:
            at = at.setdefault(parent, {})
        at[last] = value
    return result
