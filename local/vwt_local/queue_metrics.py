"""Tells CloudWatch how many messages queues hold, which MiniStack does not: alarms on dead letters look at it."""

from __future__ import annotations

import asyncio
import logging
import time

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, sqs

from .json_service import JsonObject

_log = logging.getLogger(__name__)

_INTERVAL = 2.0
# SQS reports on a queue that is in use every minute.
_MINUTE = 60.0
# What was told last of each queue, by its ARN, and when.
_told: dict[str, tuple[float, dict[str, float]]] = {}


def _values(queue: JsonObject, now: float) -> dict[str, float]:
    """Returns the metrics of a queue. Source: SQS developer guide, sqs-available-cloudwatch-metrics."""
    messages = queue["messages"]
    hidden = [message for message in messages if message.get("visible_at", 0) > now]
    delayed = sum(not message.get("receive_count") for message in hidden)
    return {
        "ApproximateNumberOfMessagesVisible": len(messages) - len(hidden),
        "ApproximateNumberOfMessagesNotVisible": len(hidden) - delayed,
        "ApproximateNumberOfMessagesDelayed": delayed,
        "ApproximateAgeOfOldestMessage": int(now - min((m["sent_at"] for m in messages), default=now)),
    }


def tell(now: float) -> None:
    """Tells of the queues that have changed, and each minute of those that hold something. On the event loop."""
    for (account, region, _), queue in sqs._queues.all_items():
        arn, values = queue["attributes"]["QueueArn"], _values(queue, now)
        at, before = _told.get(arn, (0.0, dict.fromkeys(values, 0)))
        counts = [(values[name], before[name]) for name in values if name.startswith("ApproximateNumber")]
        has_changed = any(new != old for new, old in counts)
        if has_changed or (queue["messages"] and now - at >= _MINUTE):
            _told[arn] = (now, values)
            with request_scope(account, region):
                for name, value in values.items():
                    unit = "Seconds" if name.startswith("ApproximateAge") else "Count"
                    cloudwatch.record_metric("AWS/SQS", name, value, unit, {"QueueName": queue["name"]})


async def publish() -> None:
    """Tells again and again, on the event loop."""
    while True:
        await asyncio.sleep(_INTERVAL)
        try:
            tell(time.time())
        except Exception:
            _log.exception("Metrics of queues are lost")
