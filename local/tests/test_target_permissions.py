"""Who may reach the targets of rules and schedules, and who the dead-letter queues of what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from ministack import app
from ministack.core.responses import request_scope
from ministack.services import cloudwatch, kms, lambda_svc, sns, sqs
from ministack.services import iam as iam_service

import emulator as e
from in_process import KEY, ROLE, document, put_key, put_role, statement
from vwt_local import event_targets, functions
from vwt_local.alarms import events

HERE = f"{e.REGION}:{e.ACCOUNT}"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:m"
TOPIC, QUEUE = f"arn:aws:sns:{HERE}:t", f"arn:aws:sqs:{HERE}:q"
FUNCTION = f"arn:aws:lambda:{HERE}:function:f"
RULE = {"Name": "rule", "Arn": f"arn:aws:events:{HERE}:rule/rule"}
SCHEDULE = {"Name": "s", "Arn": f"arn:aws:scheduler:{HERE}:schedule/default/s", "GroupName": "default", "Target": {}}
RULES, SCHEDULES = "events.amazonaws.com", "scheduler.amazonaws.com"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(app, "AUTH", True)
    monkeypatch.setattr(cloudwatch, "record_metric", None)
    with request_scope(e.ACCOUNT, e.REGION):
        yield
        for store in (kms._keys, iam_service._roles, sns._topics, sqs._queues, lambda_svc._functions):
            store.clear()


def reaches(target: dict[str, str], rule: dict[str, Any] = RULE) -> bool:
    """Tells whether an event gets to the target; a refusal must be counted where AWS counts it."""
    event = {"EventId": "1", "Source": "s", "DetailType": "d", "Detail": "{}", "Time": 0.0, "Account": e.ACCOUNT}
    delivered: list[Any] = []
    counted: list[tuple[Any, ...]] = []
    cloudwatch.record_metric = lambda *metric: counted.append(metric[:2])
    event_targets.asking(lambda *given: delivered.append(given))(target, event, rule)
    metric = ("AWS/Scheduler", "TargetErrorCount") if rule is SCHEDULE else ("AWS/Events", "FailedInvocations")
    assert counted == ([] if delivered else [metric])
    return bool(delivered)


@pytest.mark.parametrize(("rule", "service"), [(RULE, RULES), (SCHEDULE, SCHEDULES)])
@pytest.mark.parametrize(
    ("arn", "action"),
    [
        (MACHINE, "states:StartExecution"),
        (FUNCTION, "lambda:InvokeFunction"),
        (TOPIC, "sns:Publish"),
        (QUEUE, "sqs:SendMessage"),
    ],
)
def test_the_role_of_a_target_acts(rule: dict[str, Any], service: str, arn: str, action: str) -> None:
    target = {"Arn": arn, "RoleArn": ROLE}
    put_role(statement(Action=action, Resource=arn), trusts=service)
    assert reaches(target, rule)
    put_role(statement(Action=action, Resource=f"{arn}-other"), trusts=service)
    assert not reaches(target, rule)
    put_role(statement(Action=action, Resource=arn), trusts=SCHEDULES if service == RULES else RULES)
    assert not reaches(target, rule)


def test_a_schedule_has_a_role_always() -> None:
    assert not reaches({"Arn": FUNCTION}, SCHEDULE)
    assert not reaches({"Arn": MACHINE})


def put_target(arn: str, policy: str, **attributes: str) -> None:
    attributes = {"Policy": policy, "QueueArn": arn, **attributes}
    if arn == TOPIC:
        sns._topics[arn] = {"arn": arn, "attributes": attributes}
    elif arn == QUEUE:
        url = sqs._queue_url_for_account(e.ACCOUNT, "q")
        sqs._queues[url] = {"name": "q", "url": url, "attributes": attributes}
    else:
        lambda_svc._functions["f"] = {"policy": policy, "config": {}}


@pytest.mark.parametrize(
    ("arn", "action"), [(TOPIC, "sns:Publish"), (QUEUE, "sqs:SendMessage"), (FUNCTION, "lambda:InvokeFunction")]
)
def test_a_target_without_a_role_is_reached_by_its_own_policy(arn: str, action: str) -> None:
    def policy(service: str, source: str) -> str:
        condition = {"ArnEquals": {"aws:SourceArn": source}}
        return document(statement(Principal={"Service": service}, Action=action, Resource=arn, Condition=condition))

    put_target(arn, policy(RULES, RULE["Arn"]))
    assert reaches({"Arn": arn})
    put_target(arn, policy(RULES, f"{RULE['Arn']}-other"))
    assert not reaches({"Arn": arn})
    put_target(arn, policy(SCHEDULES, RULE["Arn"]))
    assert not reaches({"Arn": arn})


@pytest.mark.parametrize(("arn", "action"), [(TOPIC, "sns:Publish"), (QUEUE, "sqs:SendMessage")])
def test_the_key_of_a_target_must_let_eventbridge_use_it(arn: str, action: str) -> None:
    """EventBridge user guide, eb-troubleshooting: rules do not reach encrypted queues and topics."""
    allowing = statement(Principal={"Service": RULES}, Action=action, Resource=arn)
    put_target(arn, document(allowing), KmsMasterKeyId=KEY)
    root = {"AWS": f"arn:aws:iam::{e.ACCOUNT}:root"}
    governs = statement(Principal=root, Action="kms:*", Resource="*")
    put_key(document(governs))
    assert not reaches({"Arn": arn})
    actions = ["kms:Decrypt", "kms:GenerateDataKey*"]
    put_key(document(governs, statement(Principal={"Service": RULES}, Action=actions, Resource="*")))
    assert reaches({"Arn": arn})
    # With a role it is the role that needs the key.
    put_role(statement(Action=action, Resource=arn), trusts=RULES)
    assert not reaches({"Arn": arn, "RoleArn": ROLE})
    put_role(statement(Action=[action, *actions], Resource="*"), trusts=RULES)
    assert reaches({"Arn": arn, "RoleArn": ROLE})


def test_rules_bury_by_the_queues_policy_and_schedules_by_their_role(monkeypatch: pytest.MonkeyPatch) -> None:
    letters: list[Any] = []
    monkeypatch.setattr(sqs, "_act_send_message", lambda message, _: letters.append(message))

    def buries(rule: dict[str, Any]) -> bool:
        letters.clear()
        assert not reaches({"Arn": MACHINE, "RoleArn": ROLE, "DeadLetterConfig": {"Arn": QUEUE}}, rule)
        return bool(letters)

    put_target(QUEUE, document())
    put_role(statement(Action="sqs:SendMessage", Resource=QUEUE), trusts=SCHEDULES)
    assert (buries(SCHEDULE), buries(RULE)) == (True, False)
    put_target(QUEUE, document(statement(Principal={"Service": RULES}, Action="sqs:SendMessage", Resource=QUEUE)))
    put_role(statement(Action="none:none", Resource="*"), trusts=SCHEDULES)
    assert (buries(SCHEDULE), buries(RULE)) == (False, True)


def test_an_alarm_tells_the_topics_that_let_it() -> None:
    alarm = {"AlarmName": "a", "AlarmArn": f"arn:aws:cloudwatch:{HERE}:alarm:a", "AlarmActions": [TOPIC, MACHINE]}
    told: list[list[str]] = []
    dispatch = events.reaching(lambda alarm, *_: told.append(alarm["AlarmActions"]))

    def tells() -> bool:
        told.clear()
        dispatch(alarm, "OK", "ALARM", "test")
        assert MACHINE in told[0]
        return TOPIC in told[0]

    def policy(source: str) -> str:
        condition = {"ArnEquals": {"aws:SourceArn": source}}
        principal = {"Service": "cloudwatch.amazonaws.com"}
        return document(statement(Principal=principal, Action="sns:Publish", Resource=TOPIC, Condition=condition))

    put_target(TOPIC, policy(alarm["AlarmArn"]))
    assert tells()
    put_target(TOPIC, policy(f"{alarm['AlarmArn']}-other"))
    assert not tells()
    put_target(TOPIC, policy(alarm["AlarmArn"]), KmsMasterKeyId=KEY)
    put_key(document())
    assert not tells()


def test_api_gateway_calls_the_functions_that_let_it() -> None:
    async def call(*_: Any, **__: Any) -> tuple[str, None]:
        return "called", None

    context = {"apiId": "api", "stage": "v1", "httpMethod": "POST", "resourcePath": "/predictions"}

    def called() -> tuple[Any, str | None]:
        return asyncio.run(functions.asking_function(call)(FUNCTION, {"requestContext": context}))

    def policy(path: str) -> str:
        condition = {"ArnLike": {"AWS:SourceArn": f"arn:aws:execute-api:{HERE}:api/*/POST/{path}"}}
        principal = {"Service": "apigateway.amazonaws.com"}
        action = "lambda:InvokeFunction"
        return document(statement(Principal=principal, Action=action, Resource=FUNCTION, Condition=condition))

    put_target(FUNCTION, policy("predictions"))
    assert called() == ("called", None)
    put_target(FUNCTION, policy("feedback"))
    assert called() == (None, "Invalid permissions on Lambda function")


def test_a_function_without_its_roles_permission_has_no_log() -> None:
    written: list[Any] = []
    function = {"config": {"FunctionName": "f", "Role": ROLE}}
    emit = functions.asking_role(lambda *given: written.append(given))
    group = f"arn:aws:logs:{HERE}:log-group:/aws/lambda/f"
    put_role(statement(Action=["logs:CreateLogStream", "logs:PutLogEvents"], Resource=f"{group}:*"))
    emit(function, "1", "text", False, 1)
    assert len(written) == 1
    put_role(statement(Action="logs:PutLogEvents", Resource=f"{group}:*"))
    emit(function, "1", "text", False, 1)
    assert len(written) == 1
