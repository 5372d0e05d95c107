"""Measures whether groups of risk mean what they say: whether the rate observed in each lies within its bounds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .values import Z_95, Floats, Indices, JsonObject, interval

# The group whose scores reach no threshold.
LEAST_GROUP = "low"
BELOW, WITHIN, ABOVE = "below", "within", "above"


def risk_groups(
    labels: Floats, scores: Floats, weights: Floats, players: Indices, thresholds: Mapping[str, float]
) -> JsonObject:
    """Compares the rate of label 1 in each group with the scores that put rows into it.

    Args:
        labels: Shape (rows,), 0 and 1.
        scores: Shape (rows,), probabilities.
        weights: Shape (rows,), how much each row counts.
        players: Shape (rows,), the player of each row, counted from 0.
        thresholds: The least score of each group above the least one, ascending.

    Returns:
        `groups`, with `place` None for one without rows; `outside`, how many have their observed rate's whole interval
        outside their bounds; `inWords`, which.
    """
    found = []
    starts = {LEAST_GROUP: 0.0, **thresholds}
    for (name, start), end in zip(starts.items(), (*thresholds.values(), 1.0), strict=True):
        members = (scores >= start) & ((scores < end) | (end == 1))
        counts = weights[members]
        observed = _rate(labels[members], counts, players[members]) if len(counts) else None
        found.append(
            {
                "group": name,
                "from": start,
                "to": end,
                "rows": len(counts),
                "share": float(counts.sum() / weights.sum()),
                "meanScore": float(np.average(scores[members], weights=counts)) if len(counts) else None,
                "observed": observed,
                "place": _place(observed, start, end),
            }
        )
    outside = [each for each in found if each["place"] in (BELOW, ABOVE)]
    return {"outside": len(outside), "inWords": "; ".join(map(_words, outside)), "groups": found}


def _rate(labels: Floats, weights: Floats, players: Indices) -> JsonObject:
    """Estimates a rate by Wilson's interval, which few rows do not make too narrow.

    The rows of a player are taken as if they had one label (Kish's effective size of the sample), so the interval is
    rather too wide.
    """
    rate = float(np.average(labels, weights=weights))
    of_players = np.bincount(players, weights=weights)
    size = of_players.sum() ** 2 / (of_players @ of_players)
    widening = Z_95**2 / size
    middle = (rate + widening / 2) / (1 + widening)
    margin = Z_95 / (1 + widening) * np.sqrt(rate * (1 - rate) / size + widening / (4 * size))
    return interval(rate, max(0.0, middle - margin), min(1.0, middle + margin))


def _place(observed: JsonObject | None, start: float, end: float) -> str | None:
    if observed is None:
        return None
    if observed["high"] < start:
        return BELOW
    return ABOVE if observed["low"] > end else WITHIN


def _words(group: JsonObject) -> str:
    observed = group["observed"]
    return (
        f'"{group["group"]}" is from {group["from"]:.3g} to {group["to"]:.3g}, and observed were '
        f"{observed['value']:.3g} ({observed['low']:.3g} to {observed['high']:.3g})"
    )
