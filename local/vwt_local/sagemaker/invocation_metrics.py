"""Measures the requests to endpoints for CloudWatch.

Source: "SageMaker AI endpoint invocation metrics" in the SageMaker developer guide. A request only leaves a note; what
the notes say is counted beside the requests, and kept as few points.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from ..json_service import JsonObject

_log = logging.getLogger(__name__)

_NAMESPACE = "AWS/SageMaker"
_UNITS = {"ModelLatency": "Microseconds", "OverheadLatency": "Microseconds"}
# Alarms look once a second.
_INTERVAL = 0.5
# The points of as many seconds are one set, stamped with its start.
_SET_SECONDS = 5.0
# Values within 5 % of one another are one point, which has their mean: averages and sums stay exact.
_POINTS_PER_E = 20
# Points of one metric: under full load, those of the last half hour.
_MOST_POINTS = 5000


class Invocation(NamedTuple):
    """A request that an endpoint took.

    Attributes:
        endpoint: Its record.
        variant: The summary of the variant that was asked.
        status: The status of the container's answer; 503 for none.
        model: Seconds until the container had answered; None when it could not be asked.
        overhead: Seconds besides.
    """

    endpoint: JsonObject
    variant: JsonObject
    status: int
    model: float | None
    overhead: float


class Points(list[JsonObject]):
    """The points of one metric. They are in no snapshot: they are many, and old ones are of no use after a restart."""

    def __deepcopy__(self, _memo: object) -> list[JsonObject]:
        return []


_notes: list[Invocation] = []

# Takes the note of a request. On the event loop.
note = _notes.append


def _values(invocation: Invocation) -> Iterator[tuple[str, float]]:
    """Yields the metrics of one request."""
    yield "Invocations", 1.0
    yield "Invocation4XXErrors", 1.0 if 400 <= invocation.status < 500 else 0.0
    yield "Invocation5XXErrors", 1.0 if invocation.status >= 500 else 0.0
    # A serverless variant has no instances.
    if instances := invocation.variant.get("CurrentInstanceCount"):
        yield "InvocationsPerInstance", 1.0 / instances
    if invocation.model is not None:
        yield "ModelLatency", invocation.model * 1e6
    yield "OverheadLatency", invocation.overhead * 1e6


class Histogram:
    """Counts how often values came."""

    def __init__(self) -> None:
        self._sums: dict[int | None, tuple[float, float]] = {}

    def add(self, value: float, count: float = 1.0) -> None:
        """Counts a value that is not negative."""
        key = round(math.log(value) * _POINTS_PER_E) if value > 0 else None
        total, before = self._sums.get(key, (0.0, 0.0))
        self._sums[key] = total + value * count, before + count

    def means(self) -> Iterable[tuple[float, float]]:
        """Returns means of values next to one another, and how many each stands for."""
        return [(total / count, count) for total, count in self._sums.values()]


def store(points: Points, values: Histogram, now: float, unit: str, dimensions: dict[str, str]) -> None:
    """Adds values to a metric's newest set of points, or to a new one."""
    start = points[-1]["Timestamp"] if points else 0.0
    if not 0 <= now - start < _SET_SECONDS:
        start = now
    while points and points[-1]["Timestamp"] == start:
        point = points.pop()
        values.add(point["Value"], point.get("Count", 1.0))
    points.extend(
        {"Timestamp": start, "Value": mean, "Count": count, "Unit": unit, "Dimensions": dimensions}
        for mean, count in values.means()
    )
    del points[:-_MOST_POINTS]


def _publish() -> None:
    """Hands everything that was noted to CloudWatch. On the event loop."""
    found: dict[tuple[str, str, str], dict[str, Histogram]] = defaultdict(lambda: defaultdict(Histogram))
    for invocation in _notes:
        endpoint, variant = invocation.endpoint, invocation.variant
        metrics = found[endpoint["EndpointArn"], endpoint["EndpointName"], variant["VariantName"]]
        for name, value in _values(invocation):
            metrics[name].add(value)
    _notes.clear()
    now = time.time()
    for (arn, endpoint_name, variant_name), metrics in found.items():
        dimensions = {"EndpointName": endpoint_name, "VariantName": variant_name}
        region, account = arn.split(":")[3:5]
        with request_scope(account, region):
            for name, values in metrics.items():
                key = (_NAMESPACE, name, cloudwatch._dims_key(dimensions))
                points = cloudwatch._metrics.get(key)
                if not isinstance(points, Points):
                    points = cloudwatch._metrics[key] = Points(points or [])
                store(points, values, now, _UNITS.get(name, "None"), dimensions)


async def publish() -> None:
    """Hands the metrics to CloudWatch again and again, on the event loop."""
    while True:
        await asyncio.sleep(_INTERVAL)
        try:
            _publish()
        except Exception:
            _notes.clear()
            _log.exception("Metrics of endpoints are lost")


def sparing(evict: Callable[[], None]) -> Callable[[], None]:
    """Wraps MiniStack's `_evict_old_metrics`, which makes plain lists of all."""

    def evict_old_metrics() -> None:
        ours: list[tuple[Any, Points]] = [
            (key, points) for key, points in cloudwatch._metrics.items() if isinstance(points, Points)
        ]
        evict()
        for key, points in ours:
            cloudwatch._metrics[key] = points

    return evict_old_metrics
