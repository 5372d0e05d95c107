"""Reads metrics out of log events in CloudWatch's embedded metric format."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ministack import app
from ministack.services import cloudwatch

from .json_service import JsonObject

_log = logging.getLogger(__name__)


class Datum(NamedTuple):
    """The values of one metric under one set of dimensions."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    timestamp: float  # seconds
    unit: str
    values: list[float]


def read(message: str) -> Iterator[Datum]:
    """Reads the metrics of a log event, none when it has another format.

    A metric without a number, and a set of dimensions that names a member which is not there, are left out.
    """
    if '"_aws"' not in message:
        return
    try:
        # A runtime may write a time and a level before the object.
        body = json.loads(message[message.find("{") :])
        timestamp = body["_aws"].get("Timestamp", time.time() * 1000) / 1000
        for directive in body["_aws"]["CloudWatchMetrics"]:
            for names in directive.get("Dimensions") or [[]]:
                if any(name not in body for name in names):
                    continue
                dimensions = {name: str(body[name]) for name in names}
                for metric in directive["Metrics"]:
                    if values := _numbers(body.get(metric["Name"])):
                        unit = metric.get("Unit", "None")
                        yield Datum(directive["Namespace"], metric["Name"], dimensions, timestamp, unit, values)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        _log.warning("A log event in the embedded metric format cannot be read: %r", error)


def _numbers(value: Any) -> list[float]:
    values = value if isinstance(value, list) else [value]
    return [float(each) for each in values if isinstance(each, (int, float)) and not isinstance(each, bool)]


def storing(append: Callable[[JsonObject, list[JsonObject]], None]) -> Callable[[JsonObject, list[JsonObject]], None]:
    """Wraps MiniStack's `_append_log_events`, which functions and PutLogEvents have in common."""

    def append_log_events(stream: JsonObject, events: list[JsonObject]) -> None:
        append(stream, events)
        if data := [datum for event in events for datum in read(event["message"])]:
            # On the event loop, as all other values, since MiniStack replaces lists of them there.
            app._MAIN_LOOP.call_soon_threadsafe(_store, data)

    return append_log_events


def _store(data: list[Datum]) -> None:
    for datum in data:
        cloudwatch._store_datum(*datum[:5], None, datum.values, None, None)
