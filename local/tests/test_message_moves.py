"""Dead letters that are moved back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import kms

import emulator as e
from in_process import KEY, document, put_key
from vwt_local.roles import callers, key_uses

HERE = f"arn:aws:sqs:{e.REGION}:{e.ACCOUNT}"


@pytest.fixture(scope="module")
def sqs(emulator: e.Emulator) -> Any:
    client = emulator.client("sqs")
    client.create_queue(QueueName="moves-dead")
    policy = json.dumps({"deadLetterTargetArn": f"{HERE}:moves-dead", "maxReceiveCount": 3})
    client.create_queue(QueueName="moves", Attributes={"RedrivePolicy": policy})
    client.create_queue(QueueName="moves-elsewhere")
    return client


def url(sqs: Any, name: str) -> str:
    found: str = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return found


def received(sqs: Any, name: str) -> list[Any]:
    answer = sqs.receive_message(
        QueueUrl=url(sqs, name), MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]
    )
    messages: list[Any] = answer.get("Messages", [])
    return messages


def test_messages_come_back_as_new_ones(sqs: Any) -> None:
    attributes = {"reason": {"DataType": "String", "StringValue": "refused"}}
    sent = sqs.send_message(QueueUrl=url(sqs, "moves-dead"), MessageBody="a", MessageAttributes=attributes)
    sqs.start_message_move_task(SourceArn=f"{HERE}:moves-dead", DestinationArn=f"{HERE}:moves")
    [task] = sqs.list_message_move_tasks(SourceArn=f"{HERE}:moves-dead")["Results"]
    assert [task["Status"], task["ApproximateNumberOfMessagesMoved"]] == ["COMPLETED", 1]
    assert received(sqs, "moves-dead") == []
    [message] = received(sqs, "moves")
    assert message["Body"] == "a"
    assert message["MessageAttributes"] == attributes
    assert message["MessageId"] != sent["MessageId"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_without_a_destination_nobody_knows_where_a_message_that_was_sent_came_from(sqs: Any) -> None:
    sqs.send_message(QueueUrl=url(sqs, "moves-dead"), MessageBody="b")
    sqs.start_message_move_task(SourceArn=f"{HERE}:moves-dead")
    [task] = sqs.list_message_move_tasks(SourceArn=f"{HERE}:moves-dead")["Results"]
    assert [task["Status"], task["FailureReason"]] == ["FAILED", "CouldNotDetermineMessageSource"]
    assert [message["Body"] for message in received(sqs, "moves-dead")] == ["b"]


@pytest.mark.parametrize(
    ("source", "destination", "code"),
    [
        ("moves-not-there", "moves", "ResourceNotFoundException"),
        ("moves-dead", "moves-not-there", "ResourceNotFoundException"),
        ("moves-elsewhere", "moves", "InvalidParameterValue"),
    ],
)
def test_what_cannot_be_moved(sqs: Any, source: str, destination: str, code: str) -> None:
    refused, _ = e.error_of(
        lambda: sqs.start_message_move_task(SourceArn=f"{HERE}:{source}", DestinationArn=f"{HERE}:{destination}")
    )
    assert refused == code


def test_the_queues_of_dead_letters_are_listed(sqs: Any) -> None:
    listed = sqs.list_dead_letter_source_queues(QueueUrl=url(sqs, "moves-dead"))["queueUrls"]
    assert [each.rpartition("/")[2] for each in listed] == ["moves"]


def test_a_dead_letter_queue_takes_whom_it_allows(sqs: Any) -> None:
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [f"{HERE}:moves-allowed"]}
    sqs.create_queue(QueueName="moves-closed", Attributes={"RedriveAllowPolicy": json.dumps(allow)})
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"{HERE}:moves-closed", "maxReceiveCount": 3})}
    for name, text in (("moves-refused", "does not allow"), ("moves-refused.fifo", "same type of queue")):
        more = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        code, message = e.error_of(
            lambda name=name, more=more: sqs.create_queue(QueueName=name, Attributes={**redrive, **more})
        )
        assert (code, text in message) == ("InvalidParameterValue", True), message
    made = sqs.create_queue(QueueName="moves-allowed", Attributes=redrive)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=made, Attributes=redrive)


def test_a_move_that_has_ended_cannot_be_stopped(sqs: Any) -> None:
    handle = sqs.start_message_move_task(SourceArn=f"{HERE}:moves-dead", DestinationArn=f"{HERE}:moves")["TaskHandle"]
    code, _ = e.error_of(lambda: sqs.cancel_message_move_task(TaskHandle=handle))
    assert code == "ResourceNotFoundException"


def test_a_caller_may_do_all_that_a_move_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = json.dumps({"deadLetterTargetArn": f"{HERE}:dead", "maxReceiveCount": 1})
    queues = {
        name: {"name": name, "attributes": {"QueueArn": f"{HERE}:{name}", "KmsMasterKeyId": KEY, **more}}
        for name, more in (("dead", {}), ("source", {"RedrivePolicy": policy}))
    }
    monkeypatch.setattr(key_uses.sqs, "_queues", queues)
    with request_scope(e.ACCOUNT, e.REGION):
        put_key(document())
        needs = list(callers.needs("sqs:StartMessageMoveTask", {"SourceArn": f"{HERE}:dead"}))
        kms._keys.clear()
    on_dead = [(f"sqs:{name}", f"{HERE}:dead") for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")]
    of_key = [("kms:GenerateDataKey", KEY), ("kms:Decrypt", KEY)]
    assert [(action, resource) for action, resource, _ in needs] == [
        *on_dead,
        ("sqs:SendMessage", f"{HERE}:source"),
        *of_key,
        *of_key,
    ]
