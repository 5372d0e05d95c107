"""Keeps queues: each message before its sender is answered, who has received it, and that it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ministack.services import sqs

from ..json_service import JsonObject
from . import journal

# Where a message is kept by now: of MiniStack's record of it.
_KEPT = "vwtKeptIn"
# Whether a function of ours has a message: nobody has it any more once the emulator has ended.
_OF_FUNCTION = "vwtOfFunction"
_RECEIVED = (_OF_FUNCTION, "receipt_handle", "visible_at", "receive_count", "first_receive_at")


def _arn(queue: JsonObject) -> str:
    return str(queue["attributes"]["QueueArn"])


def keep_new() -> None:
    """Keeps the messages that have come since the last call. They are at the end of their queues.

    All that fills a queue, API, rules, topics and dead letters, ends with a call of `esm_wake.set`.
    """
    for queue in list(sqs._queues._data.values()):
        arn, fresh = _arn(queue), []
        for message in reversed(queue["messages"]):
            if message.get(_KEPT) == arn:
                break
            message[_KEPT] = arn
            fresh.append(message)
        journal.write(*(("message", arn, message) for message in reversed(fresh)))


def received(queue: JsonObject, messages: list[JsonObject], *, by_function: bool = False) -> None:
    """Keeps who has messages, and until when."""
    for message in messages:
        message[_OF_FUNCTION] = by_function
    told = [[message["id"], *(message.get(name) for name in _RECEIVED)] for message in messages]
    if told:
        journal.write(("received", _arn(queue), told))


def gone(queue: JsonObject, ids: Iterable[str]) -> None:
    """Keeps that messages are gone."""
    told = sorted(ids)
    if told:
        journal.write(("gone", _arn(queue), told))


def receiving(collect: Callable[..., list[JsonObject]]) -> Callable[..., list[JsonObject]]:
    """Wraps `_collect_msgs`."""

    def collect_msgs(queue: JsonObject, *limits: int) -> list[JsonObject]:
        messages = collect(queue, *limits)
        received(queue, messages)
        return messages

    return collect_msgs


def sweeping(sweep: Callable[[JsonObject], None]) -> Callable[[JsonObject], None]:
    """Wraps `_dlq_sweep`; what was moved is in the other queue by then."""

    def dlq_sweep(queue: JsonObject) -> None:
        before = queue["messages"]
        sweep(queue)
        _tell_gone(queue, before)

    return dlq_sweep


def deleting(handle: Callable[[JsonObject, str], Any]) -> Callable[[JsonObject, str], Any]:
    """Wraps what answers DeleteMessage, DeleteMessageBatch, PurgeQueue and StartMessageMoveTask."""

    def delete(data: JsonObject, url: str) -> Any:
        arn = data.get("SourceArn")
        queue = sqs._queue_by_arn(arn) if arn else sqs._get_q(data.get("QueueUrl", url))
        before = list(queue["messages"]) if queue else []
        answer = handle(data, url)
        if queue:
            _tell_gone(queue, before)
        return answer

    return delete


def _tell_gone(queue: JsonObject, before: list[JsonObject]) -> None:
    if queue["messages"] is not before and len(queue["messages"]) != len(before):
        gone(queue, {message["id"] for message in before} - {message["id"] for message in queue["messages"]})


def hiding(handle: Callable[[JsonObject, str], Any]) -> Callable[[JsonObject, str], Any]:
    """Wraps what answers ChangeMessageVisibility and ChangeMessageVisibilityBatch."""

    def change_visibility(data: JsonObject, url: str) -> Any:
        answer = handle(data, url)
        receipts = {entry.get("ReceiptHandle") for entry in (data, *data.get("Entries", ()))} - {None}
        queue = sqs._get_q(data.get("QueueUrl", url))
        received(queue, [message for message in queue["messages"] if message.get("receipt_handle") in receipts])
        return answer

    return change_visibility


def restore(read: Callable[[dict[str, Callable[..., None]]], None]) -> None:
    """Restores queues from their facts; those of queues that are not there any more are passed over."""
    # By the queue's ARN: its messages by their ids, in their order.
    held = {_arn(queue): {each["id"]: each for each in queue["messages"]} for queue in sqs._queues._data.values()}

    def come(arn: str, message: JsonObject) -> None:
        if arn in held:
            held[arn].setdefault(message["id"], message)

    def receive(arn: str, told: list[list[Any]]) -> None:
        for number, *values in told:
            if message := held.get(arn, {}).get(number):
                message.update(zip(_RECEIVED, values, strict=True))

    def go(arn: str, ids: list[str]) -> None:
        for number in ids:
            held.get(arn, {}).pop(number, None)

    read({"message": come, "received": receive, "gone": go})
    for queue in sqs._queues._data.values():
        queue["messages"] = list(held[_arn(queue)].values())
        for message in queue["messages"]:
            if message.pop(_OF_FUNCTION, False):
                message["visible_at"] = 0.0
