"""Events about executions, from a state machine by way of a rule to an encrypted topic, and what cannot get there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import emulator as e
from test_states import started

HERE = f"{e.REGION}:{e.ACCOUNT}"
EVENTS = "events.amazonaws.com"
ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{e.ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
USE = {"Effect": "Allow", "Principal": {"Service": EVENTS}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]}
FAILING = {"Fail": {"Type": "Fail", "Error": "Unknown", "Cause": "a test"}}
WAITING = {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}

Messages = Callable[[], list[dict[str, Any]]]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def service(principal: str, action: str, resource: str, source: str) -> dict[str, Any]:
    condition = {"ArnEquals": {"aws:SourceArn": source}}
    allow = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": action}
    return {**allow, "Resource": resource, "Condition": condition}


def queue(emulator: e.Emulator, name: str, principal: str, source: str) -> tuple[str, Messages]:
    """Returns a queue that a service may fill, and how to read it."""
    arn = f"arn:aws:sqs:{HERE}:{name}"
    attributes = {"Policy": policy(service(principal, "sqs:SendMessage", arn, source))}
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def messages() -> list[dict[str, Any]]:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return received.get("Messages", [])

    return arn, messages


def watched(emulator: e.Emulator, name: str, *may_use_key: dict[str, Any]) -> tuple[Messages, Messages]:
    """Watches the state machine of that name; returns what its topic and its dead-letter queue hold."""
    key = emulator.client("kms").create_key(Policy=policy(ROOT, *may_use_key))["KeyMetadata"]["Arn"]
    rule, topic = f"arn:aws:events:{HERE}:rule/{name}", f"arn:aws:sns:{HERE}:{name}"
    sns = emulator.client("sns")
    attributes = {"KmsMasterKeyId": key, "Policy": policy(service(EVENTS, "sns:Publish", topic, rule))}
    sns.create_topic(Name=name, Attributes=attributes)
    told, messages = queue(emulator, f"{name}-told", "sns.amazonaws.com", topic)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=told, Attributes={"RawMessageDelivery": "true"})
    undelivered, dead_letters = queue(emulator, f"{name}-dead", EVENTS, rule)
    failed = {"status": ["FAILED"], "error": [{"anything-but": ["Told"]}, {"exists": False}, None]}
    detail = {
        "stateMachineArn": [f"arn:aws:states:{HERE}:stateMachine:{name}"],
        "$or": [{"status": ["TIMED_OUT", "ABORTED"]}, failed],
    }
    events = emulator.client("events")
    pattern = {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"], "detail": detail}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    transformer = {
        "InputPathsMap": {"execution": "$.detail.executionArn", "status": "$.detail.status"},
        "InputTemplate": json.dumps({"execution": "<execution>", "reason": "It ended as <status>."}),
    }
    target = {"Id": "t", "Arn": topic, "InputTransformer": transformer, "DeadLetterConfig": {"Arn": undelivered}}
    events.put_targets(Rule=name, Targets=[target])
    return messages, dead_letters


@pytest.mark.parametrize(("name", "states", "status"), [("broken", FAILING, "FAILED"), ("stopped", WAITING, "ABORTED")])
def test_an_execution_that_told_nobody_is_told(
    emulator: e.Emulator, name: str, states: dict[str, Any], status: str
) -> None:
    messages, dead_letters = watched(emulator, name, {**USE, "Resource": "*"})
    execution = started(emulator, name, states)
    if states is WAITING:
        emulator.client("stepfunctions").stop_execution(executionArn=execution)
    found: list[dict[str, Any]] = []
    e.wait_until(lambda: found.extend(messages()) or found)
    assert [json.loads(message["Body"]) for message in found] == [
        {"execution": execution, "reason": f"It ended as {status}."}
    ]
    assert dead_letters() == []


def test_an_execution_that_has_told_is_not_told_again(emulator: e.Emulator) -> None:
    messages, _ = watched(emulator, "told", {**USE, "Resource": "*"})
    told = started(emulator, "told", {"Fail": {"Type": "Fail", "Error": "{% $states.input %}"}}, given="Told")
    states = emulator.client("stepfunctions")
    e.wait_until(lambda: states.describe_execution(executionArn=told)["status"] != "RUNNING")
    machine = f"arn:aws:states:{HERE}:stateMachine:told"
    other = states.start_execution(stateMachineArn=machine, input='"Unknown"')["executionArn"]
    found: list[dict[str, Any]] = []
    e.wait_until(lambda: found.extend(messages()) or found)
    assert [json.loads(message["Body"])["execution"] for message in found] == [other]


def test_without_leave_to_use_the_topics_key_the_event_is_a_dead_letter(emulator: e.Emulator) -> None:
    messages, dead_letters = watched(emulator, "locked")
    execution = started(emulator, "locked", FAILING)
    found: list[dict[str, Any]] = []
    e.wait_until(lambda: found.extend(dead_letters()) or found)
    attributes = {name: value["StringValue"] for name, value in found[0]["MessageAttributes"].items()}
    assert json.loads(found[0]["Body"])["detail"]["executionArn"] == execution
    assert attributes["RULE_ARN"] == f"arn:aws:events:{HERE}:rule/locked"
    assert attributes["TARGET_ARN"] == f"arn:aws:sns:{HERE}:locked"
    assert attributes["ERROR_CODE"] == "KMSAccessDenied"
    assert messages() == []
