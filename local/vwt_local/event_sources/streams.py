"""Reads DynamoDB's streams for functions: one batch after the other, so that changes of an item keep their order."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, dynamodb, lambda_svc

from .. import iam
from ..errors import ApiError
from ..json_service import JsonObject
from ..kept import tables
from ..roles import acts, reach, table
from . import batches
from .sources import Source

_log = logging.getLogger(__name__)

# Between two calls with the same records, in seconds: the first pause, and the longest.
_PAUSE, _LONGEST = 0.2, 10.0
_REFUSED_SECONDS = 1.0
# By mapping. A stream here is one shard, of which AWS, too, processes one batch at a time for each partition key.
_tasks: dict[str, asyncio.Task[None]] = {}


def read(source: Source, wake: Callable[[], None]) -> None:
    """Starts to read what a stream holds beyond the mapping's position, unless that is happening already.

    Args:
        source: The mapping.
        wake: Called when all has been read: what has come since has been passed over.
    """
    if source.id in _tasks or source.function() is None or not _next(source, 1):
        return

    def ended(task: asyncio.Task[None]) -> None:
        _tasks.pop(source.id)
        if not task.cancelled() and (error := task.exception()):
            _log.error("The event source %s cannot be read", source.arn, exc_info=error)
        else:
            wake()

    _tasks[source.id] = asyncio.get_running_loop().create_task(_drain(source))
    _tasks[source.id].add_done_callback(ended)


def _table(source: Source) -> str | None:
    """Returns the name of the stream's table, unless the table has another stream by now."""
    name = source.arn.split("/")[1]
    found = dynamodb._tables.get(name)
    return name if found and found.get("LatestStreamArn") == source.arn else None


def _position(source: Source, name: str) -> int:
    """Returns where a mapping reads on: where it was, but at what has not expired, or where it was told to start."""
    oldest: int = dynamodb.stream_start_position(name)
    end: int = dynamodb.stream_end_position(name)
    start = oldest if source.mapping.get("StartingPosition") == "TRIM_HORIZON" else end
    return min(end, max(oldest, int(lambda_svc._dynamodb_stream_positions.get(source.id, start))))


def _next(source: Source, most: int) -> list[JsonObject]:
    name = _table(source)
    return dynamodb.stream_records_since(name, _position(source, name), most) if name else []


def _advance(source: Source, count: int) -> None:
    if name := _table(source):
        place = lambda_svc._dynamodb_stream_positions[source.id] = _position(source, name) + count
        tables.position(source.account, source.region, source.id, place)


async def _drain(source: Source) -> None:
    with request_scope(source.account, source.region):
        size = source.mapping["BatchSize"]
        while source.is_there and (records := _next(source, size)):
            if window := source.mapping.get("MaximumBatchingWindowInSeconds"):
                oldest = records[0]["dynamodb"]["ApproximateCreationDateTime"]
                if len(records) < size and (left := oldest + window - time.time()) > 0:
                    await asyncio.sleep(left)
                    continue
            function = source.function()
            if function is None:
                return
            if not source.may_read(function):
                await asyncio.sleep(_REFUSED_SECONDS)
                continue
            await _deliver(source, function, records, 0)


async def _deliver(source: Source, function: JsonObject, records: list[JsonObject], attempts: int) -> None:
    """Calls the function with records until they are done or given up; the mapping's position goes with what is done.

    Splitting a batch is no attempt. Source: Lambda developer guide, services-ddb-errors.
    """
    pause = _PAUSE
    while records and source.is_there:
        wanted = [record for record in records if source.matches(record)]
        _tell_age(function, records)
        outcome = await source.call(function, wanted) if wanted else {}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in wanted]
        failed = batches.failed(outcome, source.mapping, numbers)
        if not failed:
            _advance(source, len(records))
            return
        first = min(index for index, each in enumerate(records) if each["dynamodb"]["SequenceNumber"] in failed)
        _advance(source, first)
        records = records[first:]
        is_split = source.mapping.get("BisectBatchOnFunctionError") and not outcome.get("throttle")
        if is_split and len(records) > 1:
            half = len(records) // 2
            await _deliver(source, function, records[:half], attempts)
            await _deliver(source, function, records[half:], attempts)
            return
        if reason := _given_up(source, records, attempts):
            _bury(source, function, records, outcome, reason)
            _advance(source, len(records))
            return
        attempts += not outcome.get("throttle")
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST)
        function = source.function() or function


def _tell_age(function: JsonObject, records: list[JsonObject]) -> None:
    """Tells CloudWatch how old a batch is. Source: Lambda developer guide, monitoring-metrics-types."""
    age = time.time() - records[-1]["dynamodb"]["ApproximateCreationDateTime"]
    dimensions = {"FunctionName": function["config"]["FunctionName"]}
    cloudwatch.record_metric("AWS/Lambda", "IteratorAge", max(0.0, age) * 1000, "Milliseconds", dimensions)


def _given_up(source: Source, records: list[JsonObject], attempts: int) -> str | None:
    """Tells why records are not tried again, in AWS's word for it, or that they are."""
    most = source.mapping.get("MaximumRetryAttempts", -1)
    oldest = source.mapping.get("MaximumRecordAgeInSeconds", -1)
    if 0 <= most <= attempts:
        return "RetryAttemptsExhausted"
    age = time.time() - records[0]["dynamodb"]["ApproximateCreationDateTime"]
    return "MaximumRecordAgeExceeded" if 0 <= oldest < age else None


def _bury(source: Source, function: JsonObject, records: list[JsonObject], outcome: JsonObject, reason: str) -> None:
    """Tells the mapping's destination of records that were given up, if it has one that the role may reach."""
    to = ((source.mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    config = function["config"]
    _log.warning("%s has given up %d records of %s: %s", config["FunctionName"], len(records), source.arn, reason)
    if not to:
        return
    try:
        act = table.TARGETS[to.split(":")[2]]
        acts.require(act, config["Role"], config["FunctionName"], target=to)
        for needed, key, context in reach.of_target(act.needs[0][0], to):
            iam.require(config["Role"], config["FunctionName"], needed, key, context)
    except ApiError as error:
        acts.note(config["Role"], error.message)
        return
    lambda_svc._send_ddb_stream_failure_record(source.mapping, function, records, source.arn, outcome, reason)
