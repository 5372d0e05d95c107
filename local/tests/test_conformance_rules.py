"""Each documented rule between fields and states, on both sides: what breaks it is refused, what keeps it is not."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

import emulator as e
import samples

Call = Callable[[], object]

KEY = "arn:aws:kms:eu-west-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SERVERLESS = {
    "VariantName": "all",
    "ModelName": "rules",
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
}
REALTIME = {"VariantName": "all", "ModelName": "rules", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
WITH_DRIVES = {**REALTIME, "InstanceType": "ml.m5d.large"}
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
CAPTURE = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": f"s3://{e.BUCKET}/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
POLICY = {"Version": "2012-10-17", "Statement": [TRUST]}


@pytest.fixture(scope="module")
def scene(emulator: e.Emulator, ml_role: str) -> Iterator[Callable[[str], Any]]:
    """Returns an endpoint of one variant that is a scalable target, and what the rules' requests name."""
    sagemaker = emulator.client("sagemaker")
    e.put_model(emulator, "rules", samples.archive(samples.booster()), ml_role)
    container = {"Image": e.IMAGE, "ModelDataUrl": f"s3://{e.BUCKET}/rules.tar.gz"}
    isolated = {"ExecutionRoleArn": ml_role, "PrimaryContainer": container, "EnableNetworkIsolation": True}
    sagemaker.create_model(ModelName="isolated", **isolated)
    for name, variant in {
        "large": REALTIME,
        "larger": {**REALTIME, "InstanceType": "ml.m5.xlarge"},
        "more": {**REALTIME, "InitialInstanceCount": 2},
        "none": SERVERLESS,
    }.items():
        sagemaker.create_endpoint_config(EndpointConfigName=f"rules-{name}", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="rules", EndpointConfigName="rules-large")
    e.wait_until(lambda: e.status_of(emulator, "rules") == "InService")
    emulator.client("application-autoscaling").register_scalable_target(**_target(), MinCapacity=1, MaxCapacity=2)
    emulator.client("events").put_rule(Name="rules", EventPattern='{"source":["rules"]}')
    emulator.client("sqs").create_queue(QueueName="rules")
    emulator.client("sns").create_topic(Name="rules")
    emulator.client("iam").create_role(RoleName="rules", AssumeRolePolicyDocument=json.dumps(POLICY))
    role = e.role(emulator, "rules-machine", "states.amazonaws.com")
    definition = {"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}}
    emulator.client("stepfunctions").create_state_machine(name="rules", roleArn=role, definition=json.dumps(definition))
    yield emulator.client
    emulator.client("application-autoscaling").deregister_scalable_target(**_target())
    sagemaker.delete_endpoint(EndpointName="rules")


def _target() -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/rules/variant/all",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def _config(*variants: dict[str, Any], **more: Any) -> tuple[str, str, dict[str, Any]]:
    return "sagemaker", "create_endpoint_config", {"ProductionVariants": list(variants), **more}


def _update(config: str) -> tuple[str, str, dict[str, Any]]:
    return "sagemaker", "update_endpoint", {"EndpointName": "rules", "EndpointConfigName": config}


def _policy(size: int) -> str:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{'b' * (size - 110)}"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _targets(count: int) -> list[dict[str, str]]:
    arn = f"arn:aws:sqs:{e.REGION}:{e.ACCOUNT}:rules"
    return [{"Id": str(number), "Arn": arn} for number in range(count)]


def _entries(size: int, count: int) -> list[dict[str, str]]:
    return [{"Source": "rules", "DetailType": "d", "Detail": json.dumps({"a": "a" * size})}] * count


def _function(variables: dict[str, str]) -> dict[str, Any]:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.js", "exports.handler = async () => 1")
    return {
        "FunctionName": "rules",
        "Runtime": "nodejs22.x",
        "Handler": "index.handler",
        "Role": f"arn:aws:iam::{e.ACCOUNT}:role/rules",
        "Code": {"ZipFile": code.getvalue()},
        "Environment": {"Variables": variables},
    }


MACHINE = f"arn:aws:states:{e.REGION}:{e.ACCOUNT}:stateMachine:rules"
QUEUE = f"https://sqs.{e.REGION}.amazonaws.com/{e.ACCOUNT}/rules"
TOPIC = f"arn:aws:sns:{e.REGION}:{e.ACCOUNT}:rules"
KIB = 1024
REFUSED = "ValidationException"
# The rule, what breaks it, the error, and the request that differs in nothing else and keeps it.
CASES = {
    "capacity": (_config({**REALTIME, **SERVERLESS}), REFUSED, "either InstanceType or", _config(REALTIME)),
    "serverless and VPC": (_config(SERVERLESS, VpcConfig=VPC), REFUSED, "VpcConfig of the", _config(SERVERLESS)),
    "serverless and isolation": (
        _config({**SERVERLESS, "ModelName": "isolated"}),
        REFUSED,
        "Network isolation of the model",
        _config({**REALTIME, "ModelName": "isolated"}),
    ),
    "serverless and capture": (
        _config(SERVERLESS, DataCaptureConfig=CAPTURE),
        REFUSED,
        "Data capture",
        _config(REALTIME, DataCaptureConfig=CAPTURE),
    ),
    "serverless variants": (
        _config(SERVERLESS, {**SERVERLESS, "VariantName": "other"}),
        REFUSED,
        "exactly one production variant",
        _config(REALTIME, {**REALTIME, "VariantName": "other"}),
    ),
    "serverless memory": (
        _config({**SERVERLESS, "ServerlessConfig": {"MemorySizeInMB": 1500, "MaxConcurrency": 1}}),
        REFUSED,
        "MemorySizeInMB must be one of",
        _config(SERVERLESS),
    ),
    "keys and drives of endpoints": (
        _config(WITH_DRIVES, KmsKeyId=KEY),
        REFUSED,
        "KmsKeyId is not supported for ml.m5d.large",
        _config(REALTIME, KmsKeyId=KEY),
    ),
    "scaled variants": (_update("rules-larger"), REFUSED, "registered as a scalable target", _update("rules-more")),
    "policies of roles": (
        ("iam", "put_role_policy", {"RoleName": "rules", "PolicyDocument": _policy(10_300)}),
        "LimitExceeded",
        "Maximum policy size of 10240 bytes exceeded for role rules",
        ("iam", "put_role_policy", {"RoleName": "rules", "PolicyDocument": _policy(9_000)}),
    ),
    "parameters": (
        ("ssm", "put_parameter", {"Value": "ä" * 2049, "Type": "String"}),
        REFUSED,
        "4096 characters",
        ("ssm", "put_parameter", {"Value": "ä" * 2048, "Type": "String"}),
    ),
    "messages of queues": (
        ("sqs", "send_message", {"QueueUrl": QUEUE, "MessageBody": "m" * (KIB * KIB + 1)}),
        "InvalidParameterValue",
        "shorter than 1048576 bytes",
        ("sqs", "send_message", {"QueueUrl": QUEUE, "MessageBody": "m" * 300 * KIB}),
    ),
    "messages of topics": (
        ("sns", "publish", {"TopicArn": TOPIC, "Message": "ä" * (128 * KIB + 1)}),
        "InvalidParameter",
        "Message too long",
        ("sns", "publish", {"TopicArn": TOPIC, "Message": "ä" * 128 * KIB}),
    ),
    "targets of rules": (
        ("events", "put_targets", {"Rule": "rules", "Targets": _targets(6)}),
        "LimitExceededException",
        "maximum number",
        ("events", "put_targets", {"Rule": "rules", "Targets": _targets(5)}),
    ),
    "size of events": (
        ("events", "put_events", {"Entries": _entries(260 * KIB, 5)}),
        REFUSED,
        "over the limit",
        ("events", "put_events", {"Entries": _entries(200 * KIB, 5)}),
    ),
    "environment of functions": (
        ("lambda", "create_function", _function({"AB": "a" * 4095})),
        "InvalidParameterValueException",
        "exceeded the 4KB limit",
        ("lambda", "create_function", _function({"AB": "a" * 4094})),
    ),
    "input of executions that is no JSON": (
        ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE, "input": "{not json"}),
        "InvalidExecutionInput",
        "Invalid State Machine Execution Input",
        ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE, "input": "{}"}),
    ),
    "input of executions": (
        ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE, "input": json.dumps("ä" * 128 * KIB)}),
        REFUSED,
        "less than or equal to 262144",
        ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE, "input": json.dumps("a" * 255 * KIB)}),
    ),
}


def _named(operation: str, values: dict[str, Any], name: str) -> dict[str, Any]:
    """Returns a request with the name that its operation wants to be new."""
    member = {"create_endpoint_config": "EndpointConfigName", "put_parameter": "Name", "put_role_policy": "PolicyName"}
    return {**values, **({member[operation]: name} if operation in member else {})}


@pytest.mark.parametrize("case", CASES)
def test_a_rule_is_kept(scene: Callable[[str], Any], emulator: e.Emulator, case: str) -> None:
    broken, code, text, kept = CASES[case]
    name = case.replace(" ", "-")
    for service, operation, values in (broken, kept):
        call = getattr(scene(service), operation)
        request = _named(operation, values, name)
        if values is broken[2]:
            found, message = e.error_of(lambda: call(**request))  # noqa: B023  # called at once
            assert (found, text in message) == (code, True), message
        else:
            call(**request)
            e.wait_until(lambda: e.status_of(emulator, "rules") == "InService")


def test_an_endpoint_keeps_its_mode(scene: Callable[[str], Any]) -> None:
    applications, sagemaker = scene("application-autoscaling"), scene("sagemaker")
    applications.deregister_scalable_target(**_target())
    code, message = e.error_of(lambda: sagemaker.update_endpoint(EndpointName="rules", EndpointConfigName="rules-none"))
    applications.register_scalable_target(**_target(), MinCapacity=1, MaxCapacity=2)
    assert (code, "cannot change between instances and serverless" in message) == ("ValidationException", True)


def test_immutable_tags_name_one_image_for_ever(scene: Callable[[str], Any]) -> None:
    # Source: "Preventing image tags from being overwritten in Amazon ECR" in the ECR user guide.
    ecr = scene("ecr")
    ecr.create_repository(repositoryName="rules-immutable", imageTagMutability="IMMUTABLE")
    ecr.create_repository(repositoryName="rules-mutable", imageTagMutability="MUTABLE")

    def put(repository: str, content: str) -> None:
        manifest = json.dumps({"schemaVersion": 2, "annotations": {"content": content}})
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag="v1")

    for repository in ("rules-immutable", "rules-mutable"):
        put(repository, "first")
    code, _ = e.error_of(lambda: put("rules-immutable", "second"))
    assert code == "ImageTagAlreadyExistsException"
    put("rules-mutable", "second")


@pytest.mark.parametrize("operation", ["create_training_job", "create_processing_job"])
def test_names_of_jobs_are_taken_for_ever(scene: Callable[[str], Any], ml_role: str, operation: str) -> None:
    sagemaker = scene("sagemaker")
    name = operation.replace("_", "-")
    request = {
        "create_training_job": e.training_request(name, ml_role),
        "create_processing_job": {
            "ProcessingJobName": name,
            "RoleArn": ml_role,
            "AppSpecification": {
                "ImageUri": e.IMAGE,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/code/main.py"],
            },
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
            },
        },
    }[operation]
    getattr(sagemaker, operation)(**request)
    code, message = e.error_of(lambda: getattr(sagemaker, operation)(**request))
    assert (code, "must be unique within an AWS account and region" in message) == ("ResourceInUse", True)


def test_a_function_takes_six_megabytes(scene: Callable[[str], Any]) -> None:
    functions = scene("lambda")
    for kind, size, code in (
        ("RequestResponse", 6 * KIB * KIB + 1, "RequestTooLargeException"),
        ("RequestResponse", 6 * KIB * KIB - 1, "ResourceNotFoundException"),
        ("Event", KIB * KIB + 1, "RequestTooLargeException"),
        ("Event", KIB * KIB - 1, "ResourceNotFoundException"),
    ):
        payload = json.dumps("a" * (size - 2)).encode()
        call = functions.invoke
        found, _ = e.error_of(lambda: call(FunctionName="none", InvocationType=kind, Payload=payload))  # noqa: B023
        assert found == code


def test_functions_leave_a_hundred_unreserved(scene: Callable[[str], Any]) -> None:
    functions = scene("lambda")
    functions.create_function(**{**_function({}), "FunctionName": "reserving"})
    for count, code in ((901, "InvalidParameterValueException"), (900, None)):
        call = functions.put_function_concurrency
        request = {"FunctionName": "reserving", "ReservedConcurrentExecutions": count}
        if code:
            found, message = e.error_of(lambda: call(**request))  # noqa: B023
            assert (found, "minimum value of [100]" in message) == (code, True)
        else:
            call(**request)
    functions.delete_function(FunctionName="reserving")


def test_a_stage_writes_logs_only_with_the_accounts_role(scene: Callable[[str], Any]) -> None:
    gateway = scene("apigateway")
    api = gateway.create_rest_api(name="logging")
    resource, method = api["rootResourceId"], {"restApiId": api["id"], "httpMethod": "GET"}
    gateway.put_method(resourceId=resource, authorizationType="NONE", **method)
    gateway.put_integration(resourceId=resource, type="MOCK", **method)
    gateway.create_deployment(restApiId=api["id"], stageName="v1")
    group = f"arn:aws:logs:{e.REGION}:{e.ACCOUNT}:log-group:access"
    access = {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": group}
    stage = {"restApiId": api["id"], "stageName": "v1"}
    code, message = e.error_of(lambda: gateway.update_stage(**stage, patchOperations=[access]))
    assert (code, "role ARN must be set in account settings" in message) == ("BadRequestException", True)
    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": f"arn:aws:iam::{e.ACCOUNT}:role/rules"}
    gateway.update_account(patchOperations=[role])
    gateway.update_stage(**stage, patchOperations=[access])


def test_every_rule_names_its_source(emulator: e.Emulator) -> None:
    rules = emulator.get("/_vwt/conformance")["rules"]
    assert len(rules) > 15
    assert [rule for rule in rules if "amazon.com" not in rule["source"] and "#" not in rule["source"]] == []


def test_an_endpoint_in_progress_stays_as_it_is(scene: Callable[[str], Any], emulator: e.Emulator) -> None:
    sagemaker = scene("sagemaker")
    sagemaker.create_endpoint(EndpointName="busy", EndpointConfigName="rules-large")
    for call in (
        lambda: sagemaker.update_endpoint(EndpointName="busy", EndpointConfigName="rules-more"),
        lambda: sagemaker.delete_endpoint(EndpointName="busy"),
    ):
        code, message = e.error_of(call)
        assert code == "ValidationException"
        assert message.startswith("Cannot update in-progress endpoint")
    e.wait_until(lambda: e.status_of(emulator, "busy") == "InService")
    sagemaker.delete_endpoint(EndpointName="busy")


def test_jobs_name_no_key_for_instances_with_drives(emulator: e.Emulator, ml_role: str) -> None:
    sagemaker = emulator.client("sagemaker")
    for instance_type, is_refused in (("ml.r5d.large", True), ("ml.g5.xlarge", True), ("ml.m5.large", False)):
        cluster = {"InstanceType": instance_type, "InstanceCount": 1, "VolumeSizeInGB": 5, "VolumeKmsKeyId": KEY}
        request = e.training_request(f"drives-{instance_type[3:5]}-{is_refused}", ml_role, ResourceConfig=cluster)
        try:
            sagemaker.create_training_job(**request)
            message = ""
        except ClientError as error:
            message = error.response["Error"]["Message"]
        assert ("VolumeKmsKeyId is not supported" in message) is is_refused, message
