"""Decides the state of an alarm by its datapoints."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

# The newest first; None for a period without data.
Datapoints = Sequence[float | None]

_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


def decide(
    datapoints: Datapoints, comparison: str, threshold: float, needed: int, missing: str
) -> tuple[str | None, str]:
    """Decides an alarm's state and its reason.

    Source: "How alarm state is evaluated when data is missing" in CloudWatch's user guide.

    Args:
        datapoints: One per evaluation period.
        comparison: The alarm's operator; others than the four simple ones are never true.
        threshold: The value that datapoints are compared with.
        needed: The number of datapoints that must be beyond it, DatapointsToAlarm.
        missing: TreatMissingData.

    Returns:
        None for the state that it has.
    """
    compare, words = _COMPARISONS.get(comparison, (lambda _value, _threshold: False, comparison))
    known = [value for value in datapoints if value is not None]
    breaching = sum(compare(value, threshold) for value in known)
    gaps = len(datapoints) - len(known)
    crossed = (
        f"Threshold Crossed: {breaching} out of the last {len(datapoints)} datapoints {known} "
        f"{'was' if breaching == 1 else 'were'} {words} the threshold ({threshold})."
    )
    if breaching >= needed:
        return "ALARM", crossed
    if missing in ("breaching", "notBreaching"):
        filled = f"{crossed[:-1]}, and {gaps} missing datapoints were treated as {missing}." if gaps else crossed
        return ("ALARM" if missing == "breaching" and breaching + gaps >= needed else "OK"), filled
    if breaching < len(known):
        return "OK", crossed
    if missing == "ignore":
        return None, ""
    if known:
        return "ALARM", crossed
    return "INSUFFICIENT_DATA", f"Insufficient Data: {gaps} datapoint{'s were' if gaps > 1 else ' was'} unknown."
