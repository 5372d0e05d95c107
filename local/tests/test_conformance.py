"""The emulator refuses what AWS's service models do not allow, in each service's way, and counts what it checked."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import botocore
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.session import get_session

import emulator as e


@pytest.fixture(scope="module")
def client(emulator: e.Emulator) -> Callable[[str], Any]:
    """Returns clients that send what is wrong, too."""
    session = get_session()

    def made(service: str) -> Any:
        return session.create_client(
            service,
            region_name=e.REGION,
            endpoint_url=emulator.url,
            aws_access_key_id="test",
            aws_secret_access_key=emulator.token,
            config=Config(
                parameter_validation=False, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
            ),
        )

    return made


@pytest.mark.parametrize(
    ("service", "operation", "values", "code", "text"),
    [
        ("sagemaker", "describe_model", {}, "ValidationException", "Value null at 'modelName' failed to satisfy"),
        ("sagemaker", "describe_model", {"ModelName": "a b"}, "ValidationException", "regular expression pattern"),
        ("sagemaker", "describe_model", {"ModelName": 1}, "SerializationException", "can not be converted to String"),
        (
            "application-autoscaling",
            "deregister_scalable_target",
            {"ResourceId": "endpoint/e/variant/v"},
            "ValidationException",
            "Value null at 'serviceNamespace'",
        ),
        ("stepfunctions", "describe_execution", {"executionArn": ""}, "ValidationException", "'executionArn'"),
        ("dynamodb", "get_item", {"TableName": "t"}, "ValidationException", "Value null at 'key'"),
        ("events", "put_rule", {"Name": "a b"}, "ValidationException", "'name'"),
        ("scheduler", "get_schedule", {"Name": "a b"}, "ValidationException", "'name'"),
        ("firehose", "delete_delivery_stream", {"DeliveryStreamName": "a b"}, "ValidationException", "pattern"),
        ("kms", "describe_key", {"KeyId": ""}, "ValidationException", "'keyId'"),
        ("ssm", "put_parameter", {"Name": "n", "Value": "v", "Type": "Text"}, "ValidationException", "enum value set"),
        ("lambda", "get_function", {"FunctionName": "a b"}, "ValidationException", "'functionName'"),
        ("iam", "get_role", {"RoleName": "r" * 65}, "ValidationError", "length less than or equal to 64"),
        ("logs", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException", "'logGroupName'"),
        ("ecr", "create_repository", {"repositoryName": "UPPER"}, "InvalidParameterException", "'repositoryName'"),
        ("s3", "list_objects_v2", {"Bucket": "b", "MaxKeys": "few"}, "MalformedXML", "'maxKeys'"),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "a_b", "Body": b""}, "ValidationError", "pattern"),
    ],
)
def test_a_violation_is_answered_as_the_service_does(
    client: Callable[[str], Any], service: str, operation: str, values: dict[str, Any], code: str, text: str
) -> None:
    refused, message = e.error_of(lambda: getattr(client(service), operation)(**values))
    assert refused == code
    assert text in message


def test_what_the_model_refuses_is_not_carried_out(client: Callable[[str], Any]) -> None:
    sagemaker = client("sagemaker")
    e.error_of(lambda: sagemaker.create_model_package_group(ModelPackageGroupName="strict", Tags=[{"Key": "k&"}]))
    names = [
        group["ModelPackageGroupName"]
        for group in sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    ]
    assert "strict" not in names


def test_requests_are_counted(emulator: e.Emulator, client: Callable[[str], Any]) -> None:
    def counted() -> dict[str, int]:
        counts: dict[str, int] = emulator.get("/_vwt/conformance")["byOperation"].get(
            "sqs:ListQueueTags", {"requests": 0, "refused": 0}
        )
        return counts

    before = counted()
    e.error_of(lambda: client("sqs").list_queue_tags())
    e.error_of(lambda: client("sqs").list_queue_tags(QueueUrl=f"{emulator.url}/{e.ACCOUNT}/none"))
    after = counted()
    assert (after["requests"] - before["requests"], after["refused"] - before["refused"]) == (2, 1)
    report = emulator.get("/_vwt/conformance")
    assert report["botocore"] == botocore.__version__
    assert report["requests"] == sum(counts["requests"] for counts in report["byOperation"].values())
    assert report["violations"][-1]["service"] == "sqs"


def test_what_no_model_describes_is_told(emulator: e.Emulator) -> None:
    headers = {"X-Amz-Target": "AmazonSSM.GetMagic", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", emulator.url, headers, b"{}")
    SigV4Auth(Credentials("test", emulator.token), "ssm", e.REGION).add_auth(request)
    signed = urllib.request.Request(emulator.url, b"{}", dict(request.headers), method="POST")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(signed)
    assert emulator.get("/_vwt/conformance")["unread"] == {"ssm POST / AmazonSSM.GetMagic": 1}
