from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import botocore.session
import pytest
from botocore.parsers import QueryParser
from botocore.serialize import create_serializer

import emulator as e
import functions
from test_embedded_metrics import MEASURE
from vwt_local.alarms.decision import decide
from vwt_local.alarms.query_protocol import through_json

X, O = 9.0, 1.0  # noqa: E741  # as in CloudWatch's user guide: beyond the threshold, and not
ALARM, OK, INSUFFICIENT = "ALARM", "OK", "INSUFFICIENT_DATA"
DIMENSIONS = [{"Name": "model", "Value": "risk"}]


@pytest.mark.parametrize(
    ("newest_first", "needed", "expected"),
    [
        # By treatment: missing, ignore, breaching, notBreaching.
        ([None, None, None], 3, (INSUFFICIENT, None, ALARM, OK)),
        ([O, None, None], 3, (OK, OK, OK, OK)),
        ([None, X, None], 3, (ALARM, None, ALARM, OK)),
        ([X, X, O], 3, (OK, OK, OK, OK)),
        ([X, X, X], 3, (ALARM, ALARM, ALARM, ALARM)),
        ([X, O, X], 2, (ALARM, ALARM, ALARM, ALARM)),
        ([None, X, O], 2, (OK, OK, ALARM, OK)),
        ([O, None, None], 2, (OK, OK, ALARM, OK)),
    ],
)
def test_decides_as_the_user_guide(
    newest_first: Sequence[float | None], needed: int, expected: tuple[str | None, ...]
) -> None:
    found = tuple(
        decide(newest_first, "GreaterThanThreshold", 5, needed, missing)[0]
        for missing in ("missing", "ignore", "breaching", "notBreaching")
    )
    assert found == expected


def test_alarms_come_whole_through_the_query_protocol() -> None:
    """As Terraform's provider writes and reads them; botocore has another protocol by now."""
    model = botocore.session.get_session().get_service_model("cloudwatch")
    alarm = {
        "AlarmName": "a",
        "ActionsEnabled": True,
        "AlarmDescription": "a < b & c",
        "Dimensions": [{"Name": f"n{n}", "Value": "v"} for n in range(11)],
        "InsufficientDataActions": ["arn"],
        "OKActions": [],
        "EvaluationPeriods": 1,
        "Threshold": 0.5,
        "Metrics": [{"Id": "m", "MetricStat": {"Metric": {"Namespace": "n"}, "Period": 60, "Stat": "Sum"}}],
    }
    serialized = create_serializer("query").serialize_to_request(alarm, model.operation_model("PutMetricAlarm"))
    received: list[dict[str, Any]] = []

    def handle(_params: object, data: dict[str, Any], *_: bool) -> tuple[int, dict[str, str], bytes]:
        received.append(data)
        return 200, {}, json.dumps({"MetricAlarms": [{**alarm, "StateUpdatedTimestamp": 0}]}).encode()

    params = {name: [str(value)] for name, value in serialized["body"].items()}
    assert through_json("PutMetricAlarm", handle)(params, {}, False)[0] == 200
    assert received == [alarm]
    _, headers, body = through_json("DescribeAlarms", handle)({}, {}, False)
    shape = model.operation_model("DescribeAlarms").output_shape
    answer = QueryParser().parse({"status_code": 200, "headers": headers, "body": body}, shape)
    (shown,) = answer["MetricAlarms"]
    assert shown.pop("StateUpdatedTimestamp").timestamp() == 0
    assert shown == alarm


def put_alarm(emulator: e.Emulator, name: str, **changes: Any) -> None:
    alarm = {
        "AlarmName": name,
        "AlarmDescription": "too much & <more>",
        "Namespace": "VWT",
        "MetricName": name,
        "Dimensions": DIMENSIONS,
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 0.2,
        "TreatMissingData": "ignore",
    }
    emulator.client("cloudwatch").put_metric_alarm(**{**alarm, **changes})


def state_of(emulator: e.Emulator, name: str) -> str:
    (alarm,) = emulator.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    state: str = alarm["StateValue"]
    return state


def put(emulator: e.Emulator, name: str, value: float, dimensions: list[dict[str, str]] = DIMENSIONS) -> None:
    data = [{"MetricName": name, "Dimensions": dimensions, "Value": value}]
    emulator.client("cloudwatch").put_metric_data(Namespace="VWT", MetricData=data)


def test_follows_its_own_metric(emulator: e.Emulator) -> None:
    put_alarm(emulator, "one")
    assert state_of(emulator, "one") == INSUFFICIENT
    put(emulator, "one", 0.1)
    assert state_of(emulator, "one") == OK
    put(emulator, "one", 0.9, [{"Name": "model", "Value": "marketing"}])
    assert state_of(emulator, "one") == OK
    put(emulator, "one", 0.9)
    assert state_of(emulator, "one") == ALARM


def test_values_grow_old(emulator: e.Emulator) -> None:
    put_alarm(emulator, "short", Period=10, EvaluationPeriods=1, TreatMissingData="notBreaching")
    data = {"MetricName": "short", "Dimensions": DIMENSIONS, "Value": 0.9, "Timestamp": time.time()}
    emulator.client("cloudwatch").put_metric_data(Namespace="VWT", MetricData=[data])
    assert state_of(emulator, "short") == ALARM
    e.wait_until(lambda: state_of(emulator, "short") == OK)


def test_sees_a_functions_metrics(emulator: e.Emulator) -> None:
    dimensions = [{"Name": "service", "Value": "drift"}, {"Name": "model", "Value": "risk"}]
    put_alarm(emulator, "from-a-log", MetricName="FeatureDrift", Dimensions=dimensions)
    functions.create(emulator, "alarming", MEASURE)
    payload = json.dumps({"values": [0.9], "model": "risk"})
    emulator.client("lambda").invoke(FunctionName="alarming", Payload=payload)
    e.wait_until(lambda: state_of(emulator, "from-a-log") == ALARM)


def machine(emulator: e.Emulator, name: str) -> str:
    """Makes a state machine that does nothing; returns its ARN."""
    definition = {"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}
    role = e.role(emulator, f"{name}-states", "states.amazonaws.com")
    arn: str = emulator.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=role
    )["stateMachineArn"]
    return arn


def on_alarm(emulator: e.Emulator, name: str, *grants: tuple[str, str], **target: str) -> str:
    """Makes a rule that starts a state machine when the alarm goes off, with a role; returns the machine's ARN."""
    arn = machine(emulator, name)
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [name], "state": {"value": [ALARM]}},
    }
    events = emulator.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    role = e.role(emulator, f"{name}-rule", "events.amazonaws.com", *grants)
    events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": arn, "RoleArn": role, **target}])
    put_alarm(emulator, name)
    return arn


def set_state(emulator: e.Emulator, name: str, value: str) -> None:
    emulator.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=value, StateReason=f"to {value}")


def inputs(emulator: e.Emulator, arn: str) -> list[Any]:
    """Returns the inputs of all executions, the newest first."""
    states = emulator.client("stepfunctions")
    executions = states.list_executions(stateMachineArn=arn)["executions"]
    return [
        json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"])
        for execution in executions
    ]


def test_starts_a_state_machine_once_for_each_change(emulator: e.Emulator) -> None:
    given = {"models": [{"model": "risk", "force": True}]}
    arn = on_alarm(emulator, "retrain", ("states:StartExecution", "*"), Input=json.dumps(given))
    set_state(emulator, "retrain", ALARM)
    e.wait_until(lambda: inputs(emulator, arn) == [given])
    set_state(emulator, "retrain", ALARM)
    set_state(emulator, "retrain", OK)
    assert inputs(emulator, arn) == [given]
    set_state(emulator, "retrain", ALARM)
    e.wait_until(lambda: inputs(emulator, arn) == [given, given])


def test_the_event_has_the_shape_of_aws(emulator: e.Emulator) -> None:
    arn = on_alarm(emulator, "shown", ("states:StartExecution", "*"))
    set_state(emulator, "shown", OK)
    set_state(emulator, "shown", ALARM)
    e.wait_until(lambda: inputs(emulator, arn))
    (event,) = inputs(emulator, arn)
    assert event["source"] == "aws.cloudwatch"
    assert event["account"] == e.ACCOUNT
    assert event["region"] == e.REGION
    assert event["resources"] == [f"arn:aws:cloudwatch:{e.REGION}:{e.ACCOUNT}:alarm:shown"]
    detail = event["detail"]
    assert (detail["state"]["value"], detail["state"]["reason"]) == (ALARM, "to ALARM")
    assert (detail["previousState"]["value"], detail["previousState"]["reason"]) == (OK, "to OK")
    assert detail["configuration"]["description"] == "too much & <more>"
    (metric,) = detail["configuration"]["metrics"]
    assert metric["metricStat"] == {
        "metric": {"namespace": "VWT", "name": "shown", "dimensions": {"model": "risk"}},
        "period": 60,
        "stat": "Maximum",
    }


def test_the_rules_role_is_enforced(emulator: e.Emulator) -> None:
    arn = on_alarm(emulator, "refused", ("states:StartExecution", f"{machine(emulator, 'other')}"))
    set_state(emulator, "refused", ALARM)
    listed = {"Namespace": "AWS/Events", "Dimensions": [{"Name": "RuleName", "Value": "refused"}]}
    e.wait_until(lambda: emulator.client("cloudwatch").list_metrics(**listed)["Metrics"])
    assert inputs(emulator, arn) == []
