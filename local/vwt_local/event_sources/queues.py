"""Reads queues for functions: several batches at once, each deleted as far as its function has done it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from ministack.core.responses import new_uuid, request_scope
from ministack.services import lambda_svc, sqs

from ..concurrency import ENVIRONMENTS
from ..json_service import JsonObject
from ..kept import queues as kept
from . import batches
from .sources import Source

# As many batches as AWS begins with.
_CALLS = 5
# Lambda's limit of a call's payload.
_MOST_BYTES = 6 * 1024 * 1024
# Between two calls with a batch that was throttled, in seconds: the first pause, and the longest.
_THROTTLED, _LONGEST = 0.1, 2.0
_REFUSED_SECONDS = 1.0

# Calls that run, by mapping and by function: more than a function has environments would only wait.
_running: Counter[str] = Counter()
# When a mapping with a batching window has first seen a message that waits.
_since: dict[str, float] = {}
# The event loop itself holds tasks only weakly.
_tasks: set[asyncio.Task[None]] = set()

now = time.time


def read(source: Source, wake: Callable[[], None]) -> float | None:
    """Starts calls with what a queue holds; returns when to look at it again, unless something wakes the poller.

    Args:
        source: The mapping.
        wake: Called when a call has ended.
    """
    queue, function = sqs._queue_by_arn(source.arn), source.function()
    if queue is None or function is None or not queue["messages"]:
        return None
    if not source.may_read(function):
        return now() + _REFUSED_SECONDS
    limit = (source.mapping.get("ScalingConfig") or {}).get("MaximumConcurrency") or _CALLS
    arn = function["config"]["FunctionArn"]
    while _running[source.id] < limit and _running[arn] < ENVIRONMENTS:
        if (opens := _window(source, queue)) > now():
            return opens
        messages = _receive(queue, source.mapping["BatchSize"])
        if not messages:
            return _next_visible(queue)
        _since.pop(source.id, None)
        if wanted := _wanted(source, queue, messages):
            _start(source, function, queue, wanted, wake)
    return None


def _window(source: Source, queue: JsonObject) -> float:
    """Returns when a batch may be taken: at once when it is full, or some seconds after its first message was seen."""
    seconds = source.mapping.get("MaximumBatchingWindowInSeconds") or 0
    waiting = len(list(islice(_visible(queue), source.mapping["BatchSize"]))) if seconds else 0
    if not 0 < waiting < source.mapping["BatchSize"]:
        return 0.0
    return _since.setdefault(source.id, now()) + seconds


def _visible(queue: JsonObject) -> Iterator[JsonObject]:
    at = now()
    return (message for message in queue["messages"] if message.get("visible_at", 0) <= at)


def _next_visible(queue: JsonObject) -> float | None:
    """Returns when the next message comes into sight; what is in sight waits for a call to end, as in a FIFO queue."""
    at = now()
    return min((message["visible_at"] for message in queue["messages"] if message["visible_at"] > at), default=None)


def _receive(queue: JsonObject, most: int) -> list[JsonObject]:
    """Receives messages as ReceiveMessage does, but looks no further than it must; those that came too often are moved.

    MiniStack's own goes through all of a queue several times.
    """
    if any(message.get("receive_count") for message in islice(_visible(queue), most)):
        sqs._expire_retained(queue)
        sqs._dlq_sweep(queue)
    timeout = int(queue["attributes"]["VisibilityTimeout"])
    if queue["is_fifo"]:
        taken: list[JsonObject] = sqs._collect_msgs(queue, most, timeout)
        kept.received(queue, taken, by_function=True)
        return taken
    taken, size = [], 0
    for message in islice(_visible(queue), most):
        size += len(message["body"])
        if taken and size > _MOST_BYTES:
            break
        taken.append(message)
    at = now()
    for message in taken:
        sqs._ensure_msg_fields(message)
        message["receive_count"] += 1
        message["receipt_handle"], message["visible_at"] = new_uuid(), at + timeout
        message["first_receive_at"] = message["first_receive_at"] or at
    kept.received(queue, taken, by_function=True)
    return taken


def _wanted(source: Source, queue: JsonObject, messages: list[JsonObject]) -> list[tuple[JsonObject, JsonObject]]:
    """Makes the records of messages; a message that fits no filter is deleted, as AWS does."""
    pairs = [(message, _record(source, message)) for message in messages]
    wanted = [(message, record) for message, record in pairs if source.matches(_parsed(record))]
    delete(queue, {message["id"] for message in messages} - {message["id"] for message, _ in wanted})
    return wanted


def _parsed(record: JsonObject) -> JsonObject:
    try:
        return {**record, "body": json.loads(record["body"])}
    except ValueError:
        return record


def _record(source: Source, message: JsonObject) -> JsonObject:
    return {
        "messageId": message["id"],
        "receiptHandle": message["receipt_handle"],
        "body": message["body"],
        "attributes": sqs._build_sys_attrs(message, ["All"]),
        "messageAttributes": lambda_svc._sqs_message_attributes_to_camel_case(message["message_attributes"]),
        "md5OfBody": message["md5_body"],
        "eventSource": "aws:sqs",
        "eventSourceARN": source.arn,
        "awsRegion": source.region,
    }


def delete(queue: JsonObject, ids: set[str]) -> None:
    """Deletes messages. The list is replaced, because a snapshot may be copying the old one."""
    if ids:
        queue["messages"] = [message for message in queue["messages"] if message["id"] not in ids]
        kept.gone(queue, ids)


def _start(
    source: Source,
    function: JsonObject,
    queue: JsonObject,
    wanted: list[tuple[JsonObject, JsonObject]],
    wake: Callable[[], None],
) -> None:
    slots = (source.id, function["config"]["FunctionArn"])
    _running.update(slots)

    def ended(task: asyncio.Task[None]) -> None:
        _tasks.discard(task)
        _running.subtract(slots)
        wake()

    task = asyncio.get_running_loop().create_task(_call(source, function, queue, wanted))
    _tasks.add(task)
    task.add_done_callback(ended)


async def _call(
    source: Source, function: JsonObject, queue: JsonObject, wanted: list[tuple[JsonObject, JsonObject]]
) -> None:
    """Calls the function with a batch and deletes what it has done.

    What has failed stays out of sight until its time is over. A call that is throttled is repeated until then: Lambda
    operator guide, sqs-retries.
    """
    records = [record for _, record in wanted]
    until, pause = min(message["visible_at"] for message, _ in wanted), _THROTTLED
    outcome = await source.call(function, records)
    while outcome.get("throttle") and now() + pause < until:
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST)
        outcome = await source.call(function, records)
    receipts = {message["id"]: record["receiptHandle"] for message, record in wanted}
    done = set(receipts) - batches.failed(outcome, source.mapping, receipts.keys())
    with request_scope(source.account, source.region):
        # One whose time was over, and which somebody else has received since, is theirs.
        delete(
            queue,
            {each["id"] for each, _ in wanted if each["id"] in done and each["receipt_handle"] == receipts[each["id"]]},
        )
