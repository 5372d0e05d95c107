"""What Step Functions ends or refuses although the definition is sound."""

from __future__ import annotations

import json
from typing import Any

import pytest

import emulator as e
from test_states import run
from vwt_local.states.error_names import ErrorNames

CATCH_ALL = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
CAUGHT = {"Type": "Pass", "Output": "{% 'caught' %}", "End": True}
TABLE = f"arn:aws:dynamodb:{e.REGION}:{e.ACCOUNT}:table/none"
ENDPOINT = f"arn:aws:sagemaker:{e.REGION}:{e.ACCOUNT}:endpoint/none"


def text(size: int) -> str:
    """Returns an expression for a JSON text of so many bytes."""
    return f"{{% $pad('', {size - 2}, 'a') %}}"


def branch(**state: Any) -> list[dict[str, Any]]:
    return [{"StartAt": "One", "States": {"One": {"Type": "Pass", **state, "End": True}}}]


def task(resource: str, arguments: Any, **more: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Arguments": arguments, "End": True, **more}
    return {"Call": state, "Caught": CAUGHT}


def test_a_history_of_25_000_events_ends_the_execution(emulator: e.Emulator) -> None:
    states = {"One": {"Type": "Pass", "Next": "Two"}, "Two": {"Type": "Pass", "Next": "One"}}
    ended = run(emulator, "for-ever", states)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "maximum number of history events (25000)" in ended["cause"]


@pytest.mark.parametrize(("size", "status"), [(256 * 1024, "SUCCEEDED"), (256 * 1024 + 1, "FAILED")])
def test_states_give_256_kib(emulator: e.Emulator, size: int, status: str) -> None:
    ended = run(emulator, f"gives-{size}", {"One": {"Type": "Pass", "Output": text(size), "End": True}})
    assert ended["status"] == status
    assert status == "SUCCEEDED" or ended["error"] == "States.DataLimitExceeded"


@pytest.mark.parametrize(("size", "status"), [(200 * 1024, "SUCCEEDED"), (257 * 1024, "FAILED")])
def test_variables_of_a_state_are_256_kib(emulator: e.Emulator, size: int, status: str) -> None:
    state = {"Type": "Pass", "Assign": {"a": text(size // 2), "b": text(size // 2)}, "Output": "{% 1 %}", "End": True}
    assert run(emulator, f"assigns-{size}", {"One": state})["status"] == status


@pytest.mark.parametrize(
    ("caught", "status"),
    [("States.ALL", "FAILED"), ("States.TaskFailed", "FAILED"), ("States.DataLimitExceeded", "SUCCEEDED")],
)
def test_no_wildcard_catches_data_that_are_too_large(emulator: e.Emulator, caught: str, status: str) -> None:
    too_much = {"Type": "Parallel", "Branches": branch(Output=text(300_000)), "End": True}
    states = {"All": {**too_much, "Catch": [{"ErrorEquals": [caught], "Next": "Caught"}]}, "Caught": CAUGHT}
    assert run(emulator, f"catches-{caught.replace('.', '-')}", states)["status"] == status


@pytest.mark.parametrize(
    ("name", "resource", "arguments", "field"),
    [
        (
            "retain",
            "sagemaker:updateEndpoint",
            {"EndpointName": "none", "EndpointConfigName": "none", "RetainAllVariantProperties": True},
            'The field "RetainAllVariantProperties" is not supported by Step Functions',
        ),
        (
            "magic",
            "aws-sdk:sagemaker:describeEndpoint",
            {"EndpointName": "none", "Magic": 1},
            'The field "Magic" is not',
        ),
        ("lower", "aws-sdk:ssm:getParameter", {"name": "none"}, 'The field "name" is not supported'),
        ("missing", "aws-sdk:sagemaker:describeEndpoint", {}, "The field 'EndpointName' is required but was missing"),
        ("deep", "dynamodb:getItem", {"TableName": "none", "Key": {"k": {"Text": "v"}}}, 'The field "Text" is not'),
        ("sdk-typed", "aws-sdk:sagemaker:describeEndpoint", {"EndpointName": 7}, "can not be converted to String"),
        ("typed", "sns:publish", {"TopicArn": 7, "Message": "m"}, "NUMBER_VALUE can not be converted to String"),
    ],
)
def test_nothing_catches_what_step_functions_does_not_know(
    emulator: e.Emulator, name: str, resource: str, arguments: dict[str, Any], field: str
) -> None:
    ended = run(emulator, f"unknown-{name}", task(resource, arguments, Catch=CATCH_ALL))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert field in ended["cause"]


@pytest.mark.parametrize(
    ("name", "resource", "arguments", "error"),
    [
        (
            "retain",
            "aws-sdk:sagemaker:updateEndpoint",
            {"EndpointName": "none", "EndpointConfigName": "none", "RetainAllVariantProperties": True},
            "SageMaker.SageMakerException",
        ),
        (
            "optimized",
            "sagemaker:updateEndpoint",
            {"EndpointName": "none", "EndpointConfigName": "none"},
            "SageMaker.AmazonSageMakerException",
        ),
        ("constraint", "dynamodb:getItem", {"TableName": "", "Key": {}}, "DynamoDB.AmazonDynamoDBException"),
        (
            "sdk",
            "aws-sdk:sagemaker:describeEndpoint",
            {"EndpointName": "not a name"},
            "SageMaker.SageMakerException",
        ),
    ],
)
def test_what_the_service_refuses_can_be_caught(
    emulator: e.Emulator, name: str, resource: str, arguments: dict[str, Any], error: str
) -> None:
    caught = [{"ErrorEquals": [error], "Next": "Caught"}]
    grants = [("sagemaker:*Endpoint", ENDPOINT), ("sagemaker:*", "*"), ("dynamodb:GetItem", TABLE)]
    ended = run(emulator, f"refused-{name}", task(resource, arguments, Catch=caught), *grants)
    assert (ended["status"], json.loads(ended.get("output", "null"))) == ("SUCCEEDED", "caught"), ended


@pytest.mark.parametrize(
    ("service", "prefix", "code", "name"),
    [
        ("sagemaker", "SageMaker", "ThrottlingException", "SageMakerException"),
        ("sagemaker", "SageMaker", "ValidationException", "SageMakerException"),
        ("sagemaker", "SageMaker", "ResourceLimitExceeded", "ResourceLimitExceededException"),
        ("sagemaker", "SageMaker", "ConflictException", "ConflictException"),
        ("states", "Sfn", "ExecutionDoesNotExist", "ExecutionDoesNotExistException"),
        ("states", "Sfn", "ThrottlingException", "SfnException"),
        ("ssm", "Ssm", "ParameterNotFound", "ParameterNotFoundException"),
        # This service's model has it.
        ("ssm", "Ssm", "ThrottlingException", "ThrottlingException"),
        ("dynamodb", "DynamoDb", "ConditionalCheckFailedException", "ConditionalCheckFailedException"),
        ("application-autoscaling", "ApplicationAutoScaling", "ObjectNotFoundException", "ObjectNotFoundException"),
    ],
)
def test_errors_of_the_sdk_have_its_names(service: str, prefix: str, code: str, name: str) -> None:
    assert ErrorNames(service, prefix).get(code, code) == name
