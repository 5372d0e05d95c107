"""Measures each group of players, to see whether a model works as well for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .data import Texts
from .values import Floats, JsonObject

# Groups with fewer rows are counted and not shown: their figures are noise, and players could be recognized.
LEAST_ROWS = 50
UNKNOWN = "unknown"

# Labels, scores and the metrics of all rows to the metrics of a group, None when it has none.
Subgroup = Callable[[Floats, Floats, JsonObject], "JsonObject | None"]


def subgroups(
    labels: Floats, scores: Floats, attributes: Mapping[str, Texts], metrics: JsonObject, measure: Subgroup, gap_of: str
) -> JsonObject:
    """Measures every group of every attribute.

    Args:
        labels: Shape (rows,).
        scores: Shape (rows,).
        attributes: The rows' groups by attribute, empty where unknown.
        metrics: The metrics of all rows.
        measure: Measures one group.
        gap_of: The metric whose largest difference between groups is the gap; rows of unknown group are not in it.

    Returns:
        By attribute: `gap`, None with fewer than two groups; `groups`, by name; `omitted`, groups too small to show.
    """
    result: JsonObject = {}
    for attribute, texts in attributes.items():
        shown: list[JsonObject] = []
        omitted = {"groups": 0, "rows": 0}
        for group in np.unique(texts).tolist():
            members = texts == group
            count = int(members.sum())
            measured = measure(labels[members], scores[members], metrics) if count >= LEAST_ROWS else None
            if measured is None:
                omitted = {"groups": omitted["groups"] + 1, "rows": omitted["rows"] + count}
            else:
                shown.append({"group": group or UNKNOWN, **measured})
        compared = [each[gap_of] for each in shown if each["group"] != UNKNOWN]
        gap = max(compared) - min(compared) if len(compared) > 1 else None
        result[attribute] = {"gapOf": gap_of, "gap": gap, "groups": shown, "omitted": omitted}
    return result
