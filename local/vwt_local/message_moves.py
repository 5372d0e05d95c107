"""Moves dead letters back to their queues, which MiniStack cannot: SQS's StartMessageMoveTask and its siblings.

A task ends at once. Its messages are new ones (SQS API reference, StartMessageMoveTask): they get other ids, and nobody
has received them.
"""

from __future__ import annotations

import base64
import json
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ministack.services import sqs

from .json_service import JsonObject

# As many tasks of a queue as AWS lists.
_MOST = 10

# By the ARN of the queue that messages were moved from, the newest first.
_tasks: dict[str, list[JsonObject]] = defaultdict(list)


def start(request: JsonObject, _url: str) -> JsonObject:
    """Answers StartMessageMoveTask."""
    source_arn, destination_arn = request["SourceArn"], request.get("DestinationArn")
    source = _queue(source_arn, "SourceArn")
    if not _sources_of(source_arn):
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    destination = _queue(destination_arn, "DestinationArn") if destination_arn else None
    task = {
        "TaskHandle": base64.b64encode(json.dumps({"sourceArn": source_arn, "at": time.time()}).encode()).decode(),
        "Status": "COMPLETED",
        "SourceArn": source_arn,
        "StartedTimestamp": int(time.time() * 1000),
        "ApproximateNumberOfMessagesMoved": 0,
        **({"DestinationArn": destination_arn} if destination_arn else {}),
    }
    now = time.time()
    waiting = [message for message in source["messages"] if message["visible_at"] <= now]
    task["ApproximateNumberOfMessagesToMove"] = len(waiting)
    for message in waiting:
        target = destination or sqs._queue_by_arn((message.get("sys") or {}).get("DeadLetterQueueSourceArn", ""))
        if target is None:
            task |= {"Status": "FAILED", "FailureReason": "CouldNotDetermineMessageSource"}
            break
        _send(message, target)
        # The list is replaced, because a snapshot may be copying the old one.
        source["messages"] = [each for each in source["messages"] if each is not message]
        task["ApproximateNumberOfMessagesMoved"] += 1
    _tasks[source_arn] = [task, *_tasks[source_arn]][:_MOST]
    return {"TaskHandle": task["TaskHandle"]}


def listing(request: JsonObject, _url: str) -> JsonObject:
    """Answers ListMessageMoveTasks."""
    _queue(request["SourceArn"], "SourceArn")
    tasks = _tasks[request["SourceArn"]][: request.get("MaxResults", 1)]
    # Only a task that runs can be stopped, and so has a handle.
    return {"Results": [{name: value for name, value in task.items() if name != "TaskHandle"} for task in tasks]}


def cancel(request: JsonObject, _url: str) -> JsonObject:
    """Answers CancelMessageMoveTask: every task has ended."""
    message = f"The task {request['TaskHandle']} doesn't exist, or has ended."
    raise sqs._Err("ResourceNotFoundException", message, 404)


def sources(request: JsonObject, url: str) -> JsonObject:
    """Answers ListDeadLetterSourceQueues."""
    arn = sqs._get_q(request.get("QueueUrl", url))["attributes"]["QueueArn"]
    return {"queueUrls": [queue["url"] for queue in _sources_of(arn)]}


def destinations(request: Mapping[str, Any]) -> list[str]:
    """Returns the ARNs of the queues that a request moves messages to."""
    named = request.get("DestinationArn")
    return [named] if named else [queue["attributes"]["QueueArn"] for queue in _sources_of(request["SourceArn"])]


def _queue(arn: str, parameter: str) -> JsonObject:
    queue: JsonObject | None = sqs._queue_by_arn(arn)
    if queue is None:
        message = f"The resource that you specified for the {parameter} parameter doesn't exist."
        raise sqs._Err("ResourceNotFoundException", message, 404)
    return queue


def _sources_of(arn: str) -> list[JsonObject]:
    """Returns the queues whose dead letters a queue has."""
    return [queue for queue in sqs._queues.values() if _dead_letters_of(queue) == arn]


def _dead_letters_of(queue: JsonObject) -> str | None:
    policy = json.loads(queue["attributes"].get("RedrivePolicy") or "{}")
    target: str | None = policy.get("deadLetterTargetArn")
    return target


def _send(message: JsonObject, queue: JsonObject) -> None:
    grouping = {"MessageGroupId": message["group_id"], "MessageDeduplicationId": message["dedup_id"]}
    sqs._act_send_message(
        {
            "MessageBody": message["body"],
            "MessageAttributes": message["message_attributes"],
            **(grouping if queue["is_fifo"] else {}),
        },
        sqs._queue_url(queue["attributes"]["QueueArn"].rpartition(":")[2]),
    )
