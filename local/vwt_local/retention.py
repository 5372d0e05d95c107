"""Bounds what the emulator remembers. AWS keeps logs, histories and metrics for weeks; a machine's memory, and a file
that is written again every few seconds, must not grow with every request.

What is kept is enough for a working day: see the constants.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ministack.core import persistence
from ministack.services import cloudwatch, cloudwatch_logs
from ministack.services import stepfunctions as sf

from .json_service import JsonObject
from .sagemaker import invocation_metrics, jobs, store

_log = logging.getLogger(__name__)

_INTERVAL = 5.0
# Limits of one log group: the messages' characters, and what else is kept of an event and of a stream.
_MOST_LOG = 400_000
_OF_EVENT, _OF_STREAM = 150, 250
# Executions of a state machine, and jobs of a kind, that have ended.
_MOST_ENDED = 200
_MOST_ALARM_HISTORY = 500
# Values older than the first number are one statistic set for each period of the second, in seconds.
_SETS = ((86_400, 3600), (3600, 300), (300, 60))
_PACKED = "vwtPackedEvents"
_JOBS = (store.TRAINING_JOB, store.PROCESSING_JOB, store.TRANSFORM_JOB, store.TUNING_JOB)


def compact() -> None:
    """Forgets what is beyond the bounds. On the event loop, where requests look at it."""
    for group in cloudwatch_logs._log_groups.all_values():
        _trim_logs(group)
    # Each event once more, for a call that nobody makes; a query makes those that it finds again.
    cloudwatch_logs._log_records._data.clear()
    _fold_metrics(time.time())
    for history in cloudwatch._alarm_history.all_values():
        del history[:-_MOST_ALARM_HISTORY]
    _pack_executions()
    for kind in _JOBS:
        _forget_jobs(kind)


async def keep() -> None:
    """Compacts again and again, on the event loop."""
    while True:
        await asyncio.sleep(_INTERVAL)
        try:
            compact()
        except Exception:
            _log.exception("What the emulator remembers is not bounded")


def _trim_logs(group: JsonObject) -> None:
    """Forgets whole streams, the oldest first, and of a stream that is too long by itself its first half."""
    streams: dict[str, JsonObject] = group["streams"]
    newest_first = sorted(
        streams.items(), key=lambda each: each[1]["lastEventTimestamp"] or each[1]["creationTime"], reverse=True
    )
    left = _MOST_LOG
    for place, (name, stream) in enumerate(newest_first):
        with cloudwatch_logs._log_events_lock:
            left -= _OF_STREAM + sum(len(event["message"]) + _OF_EVENT for event in stream["events"])
            if left < 0 and place == 0:
                del stream["events"][: len(stream["events"]) // 2]
                left = 0
        if left < 0 < place:
            streams.pop(name, None)


def _fold_metrics(now: float) -> None:
    for key, points in list(cloudwatch._metrics._data.items()):
        if not isinstance(points, invocation_metrics.Points):
            cloudwatch._metrics._data[key] = folded(points, now)


def folded(points: list[JsonObject], now: float) -> list[JsonObject]:
    """Folds old points into statistic sets, from which sums, means and extremes are what they were.

    Values mostly come in order of time, so the first that is not old ends the search; a late one waits for its turn.
    """
    youngest = _SETS[-1][0]
    end = next((place for place, point in enumerate(points) if now - point["Timestamp"] <= youngest), len(points))
    sets: dict[tuple[float, int, str], JsonObject] = {}
    for point in points[:end]:
        age = now - point["Timestamp"]
        period = next(period for older, period in _SETS if age > older)
        key = (point["Timestamp"] // period * period, period, point["Unit"])
        sets[key] = _joined(sets.get(key), point, key[0])
    return [*sets.values(), *points[end:]]


def _joined(held: JsonObject | None, point: JsonObject, start: float) -> JsonObject:
    """Adds one point to a statistic set."""
    count, total, low, high = cloudwatch._point_stats(point)
    if held is not None:
        of = held["_stat"]
        count, total = of["SampleCount"] + count, of["Sum"] + total
        low, high = min(of["Minimum"], low), max(of["Maximum"], high)
    return {
        "Timestamp": start,
        "Unit": point["Unit"],
        "Dimensions": point["Dimensions"],
        "Value": total / count if count else 0.0,
        "_stat": {"SampleCount": count, "Sum": total, "Minimum": low, "Maximum": high},
    }


def _pack_executions() -> None:
    """Packs the histories of executions that have ended, and forgets the oldest of each state machine."""
    executions = sf._executions._data
    ended: dict[str, list[tuple[Any, JsonObject]]] = defaultdict(list)
    for key, execution in list(executions.items()):
        if execution["status"] != "RUNNING":
            ended[execution["stateMachineArn"]].append((key, execution))
    for of_machine in ended.values():
        of_machine.sort(key=lambda each: str(each[1]["stopDate"]), reverse=True)
        for _, execution in of_machine[:_MOST_ENDED]:
            if events := execution["events"]:
                execution["events"] = []
                # A thread that has not noticed the end may have written more since.
                execution[_PACKED] = _packed(_history(execution) + events)
        for key, _ in of_machine[_MOST_ENDED:]:
            executions.pop(key, None)
    known = {key[-1] for key in list(executions)}
    for key, run in list(sf._map_runs._data.items()):
        if run["executionArn"] not in known:
            sf._map_runs._data.pop(key, None)


def _packed(events: list[JsonObject]) -> str:
    return base64.b64encode(zlib.compress(json.dumps(events, default=persistence._json_default).encode())).decode()


def _history(execution: JsonObject) -> list[JsonObject]:
    """Returns all events of an execution: those that were packed, and those since."""
    since: list[JsonObject] = execution["events"]
    if _PACKED not in execution:
        return since
    text = zlib.decompress(base64.b64decode(execution[_PACKED]))
    return [*json.loads(text, object_hook=persistence._json_object_hook), *since]


def unpacking(answer: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps MiniStack's `_get_execution_history`."""

    def get_execution_history(data: JsonObject) -> Any:
        execution = sf._executions.get(data.get("executionArn"))
        if not execution or _PACKED not in execution:
            return answer(data)
        since = execution["events"]
        execution["events"] = _history(execution)
        try:
            return answer(data)
        finally:
            execution["events"] = since

    return get_execution_history


def _forget_jobs(kind: store.Kind) -> None:
    ended = [(key, each) for key, each in list(kind.records._data.items()) if jobs.is_over(kind, each)]
    ended.sort(key=lambda each: float(each[1]["CreationTime"]), reverse=True)
    for key, _ in ended[_MOST_ENDED:]:
        kind.records._data.pop(key, None)
        store.TAGS._data.pop(key, None)
