"""The search space of a tuning job: the hyperparameters to try."""

from __future__ import annotations

import math
from random import Random

from ..errors import validation_error
from ..json_service import JsonObject

_INTEGER, _CONTINUOUS = "IntegerParameterRanges", "ContinuousParameterRanges"
_CATEGORICAL = "CategoricalParameterRanges"
# Draws until a combination that was tried before is taken again: a space may have fewer than there are jobs.
_DRAWS = 50


def names(ranges: JsonObject) -> list[str]:
    """Returns the names of all hyperparameters that are searched."""
    return [entry["Name"] for kind in (_INTEGER, _CONTINUOUS, _CATEGORICAL) for entry in ranges.get(kind, [])]


def check(ranges: JsonObject, static: JsonObject) -> None:
    """Refuses a space that cannot be searched.

    Raises:
        ApiError: ValidationException.
    """
    found = names(ranges)
    if not found:
        raise validation_error("ParameterRanges must have at least one range.")
    if twice := sorted({name for name in found if found.count(name) > 1 or name in static}):
        raise validation_error(f"These hyperparameters are given more than once: {', '.join(twice)}.")
    for kind in (_INTEGER, _CONTINUOUS):
        for entry in ranges.get(kind, []):
            _check_range(entry, int if kind == _INTEGER else float)


def _check_range(entry: JsonObject, number: type[int] | type[float]) -> None:
    name, scaling = entry["Name"], entry.get("ScalingType", "Auto")
    try:
        low, high = number(entry["MinValue"]), number(entry["MaxValue"])
    except ValueError as error:
        raise validation_error(f"The range of the hyperparameter '{name}' is not of numbers: {error}.") from error
    if not low <= high:
        raise validation_error(f"MinValue of the hyperparameter '{name}' must not be above its MaxValue.")
    if scaling == "Logarithmic" and low <= 0:
        raise validation_error(f"Logarithmic scaling of '{name}' needs values greater than 0.")
    if scaling == "ReverseLogarithmic" and (number is int or not 0 <= low <= high < 1):
        raise validation_error(f"ReverseLogarithmic scaling of '{name}' needs a continuous range within 0 <= x < 1.")


def draw(ranges: JsonObject, tried: list[dict[str, str]], random: Random) -> dict[str, str]:
    """Draws a combination that has not been tried, if there is one to be found."""
    for _ in range(_DRAWS):
        found = _draw(ranges, random)
        if found not in tried:
            break
    return found


def _draw(ranges: JsonObject, random: Random) -> dict[str, str]:
    values: dict[str, str] = {}
    for entry in ranges.get(_INTEGER, []):
        values[entry["Name"]] = str(_integer(entry, random))
    for entry in ranges.get(_CONTINUOUS, []):
        values[entry["Name"]] = repr(_number(entry, random))
    for entry in ranges.get(_CATEGORICAL, []):
        values[entry["Name"]] = random.choice(entry["Values"])
    return values


def _integer(entry: JsonObject, random: Random) -> int:
    if entry.get("ScalingType") == "Logarithmic":
        return round(_number(entry, random))
    return random.randint(int(entry["MinValue"]), int(entry["MaxValue"]))


def _number(entry: JsonObject, random: Random) -> float:
    low, high = float(entry["MinValue"]), float(entry["MaxValue"])
    scaling = entry.get("ScalingType", "Auto")
    if scaling == "Logarithmic":
        value = math.exp(random.uniform(math.log(low), math.log(high)))
    elif scaling == "ReverseLogarithmic":
        value = 1 - math.exp(random.uniform(math.log(1 - high), math.log(1 - low)))
    else:
        value = random.uniform(low, high)
    # A logarithm and its inverse may step over the limits by a hair.
    return min(max(value, low), high)
