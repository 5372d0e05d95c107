"""What CloudWatch is told of queues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import cloudwatch, sqs

import emulator as e
from vwt_local import queue_metrics

VISIBLE, HIDDEN = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Makes a queue; returns the metrics that are told of."""
    for name in ("_queues", "_queue_name_to_url"):
        monkeypatch.setattr(sqs, name, AccountRegionScopedDict())
    monkeypatch.setattr(queue_metrics, "_told", {})
    found: list[Any] = []
    monkeypatch.setattr(cloudwatch, "record_metric", lambda *metric: found.append(metric))
    with request_scope(e.ACCOUNT, e.REGION):
        sqs._act_create_queue({"QueueName": "q"}, "")
        yield found


def now_told(told: list[Any], now: float) -> dict[str, float]:
    told.clear()
    queue_metrics.tell(now)
    assert all(metric[0] == "AWS/SQS" and metric[4] == {"QueueName": "q"} for metric in told)
    return {metric[1]: metric[2] for metric in told}


def test_a_change_is_told_at_once_and_what_is_there_each_minute(told: list[Any]) -> None:
    assert now_told(told, 1000.0) == {}
    queue = sqs._queues[sqs._queue_url("q")]
    queue["messages"] = [{"id": "1", "sent_at": 990.0, "visible_at": 990.0, "receive_count": 1}]
    first = now_told(told, 1000.0)
    assert (first[VISIBLE], first[HIDDEN], first["ApproximateAgeOfOldestMessage"]) == (1, 0, 10)
    assert now_told(told, 1059.0) == {}
    assert now_told(told, 1060.0)["ApproximateAgeOfOldestMessage"] == 70
    queue["messages"][0]["visible_at"] = 2000.0
    assert now_told(told, 1061.0)[HIDDEN] == 1
    queue["messages"] = []
    assert now_told(told, 1062.0)[HIDDEN] == 0
    assert now_told(told, 2000.0) == {}


def test_an_alarm_on_dead_letters_rises(emulator: e.Emulator) -> None:
    url = emulator.client("sqs").create_queue(QueueName="watched-dead")["QueueUrl"]
    client = emulator.client("cloudwatch")
    client.put_metric_alarm(
        AlarmName="dead",
        Namespace="AWS/SQS",
        MetricName=VISIBLE,
        Dimensions=[{"Name": "QueueName", "Value": "watched-dead"}],
        Statistic="Maximum",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
        Period=300,
        EvaluationPeriods=1,
        TreatMissingData="notBreaching",
    )
    emulator.client("sqs").send_message(QueueUrl=url, MessageBody="dead")
    e.wait_until(lambda: client.describe_alarms(AlarmNames=["dead"])["MetricAlarms"][0]["StateValue"] == "ALARM")
