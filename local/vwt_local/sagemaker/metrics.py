"""Reads metrics out of a training job's log lines."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from ..errors import validation_error
from ..json_service import JsonObject
from . import images

# Of many more: SageMaker's answer to DescribeTrainingJob lists them.
_METRICS = (
    *("auc", "aucpr", "error", "logloss", "mae", "map", "merror", "mlogloss", "mse", "ndcg", "poisson-nloglik", "rmse"),
)

# The definitions that SageMaker adds to a job of the built-in XGBoost.
BUILT_IN_METRICS = [
    {
        "Name": f"{channel}:{metric}",
        "Regex": rf".*\[[0-9]+\].*#011{channel}-{metric}:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*",
    }
    for channel in ("train", "validation")
    for metric in _METRICS
]


def definitions(image: str, given: list[JsonObject] | None) -> list[JsonObject]:
    """Returns the MetricDefinitions of a job: the built-in algorithm has its own, others those of the request.

    Raises:
        ApiError: ValidationException: definitions for the built-in algorithm, or an expression that is none.
    """
    if images.is_built_in(image):
        if given:
            raise validation_error(
                "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request "
                "without specifying metric definitions."
            )
        return BUILT_IN_METRICS
    for definition in given or []:
        try:
            re.compile(definition["Regex"])
        except re.error as error:
            raise validation_error(f"The Regex of the metric '{definition['Name']}' is not valid: {error}.") from error
    return given or []


def _finder(regex: str) -> Callable[[str], re.Match[str] | None]:
    compiled = re.compile(regex)
    # An expression that begins with anything is found from a line's start or nowhere; `search` would try all places.
    return compiled.match if regex.startswith(".*") and "|" not in regex else compiled.search


class Metrics:
    """The last value of every metric seen."""

    def __init__(self, definitions: list[JsonObject]) -> None:
        self._definitions = [(d["Name"], _finder(d["Regex"])) for d in definitions]
        self._last: dict[str, JsonObject] = {}

    def read(self, line: str) -> None:
        """Looks for metrics in a line; a value that is no number is passed over."""
        for name, find in self._definitions:
            match = find(line)
            if match is None:
                continue
            try:
                value = float(match[1])
            except (IndexError, ValueError):
                continue
            self._last[name] = {"MetricName": name, "Value": value, "Timestamp": time.time()}

    def final(self) -> list[JsonObject]:
        """Returns the FinalMetricDataList."""
        return list(self._last.values())
