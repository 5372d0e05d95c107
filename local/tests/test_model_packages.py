from __future__ import annotations

import json
from typing import Any

import pytest

import emulator as e
import samples
from test_states import SAGEMAKER, run

GROUP = "risk-models"
ARTEFACT = f"s3://{e.BUCKET}/packages/model.tar.gz"
SPECIFICATION = {
    "Containers": [{"Image": e.IMAGE, "ModelDataUrl": ARTEFACT}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}
QUALITY = {"ContentType": "application/json", "S3Uri": f"s3://{e.BUCKET}/packages/evaluation.json"}


@pytest.fixture(scope="module")
def registry(emulator: e.Emulator) -> Any:
    """Returns a SageMaker client in whose account there is the group, and an artefact."""
    emulator.client("s3").put_object(
        Bucket=e.BUCKET, Key="packages/model.tar.gz", Body=samples.archive(samples.booster())
    )
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
    return sagemaker


def package(version: int) -> str:
    return f"{SAGEMAKER}:model-package/{GROUP}/{version}"


def test_versions_have_numbers_metrics_and_lineage(registry: Any) -> None:
    request = {
        "ModelPackageGroupName": GROUP,
        "InferenceSpecification": SPECIFICATION,
        "ModelMetrics": {"ModelQuality": {"Statistics": QUALITY}},
        "MetadataProperties": {"CommitId": "abc", "GeneratedBy": "training-job"},
        "CustomerMetadataProperties": {"featureHash": "f", "auroc": "0.8"},
    }
    first = registry.create_model_package(**request, ClientToken="one")
    again = registry.create_model_package(**request, ClientToken="one")
    assert again["ModelPackageArn"] == first["ModelPackageArn"]
    second = registry.create_model_package(**request, ModelApprovalStatus="Approved")
    assert [first["ModelPackageArn"], second["ModelPackageArn"]] == [package(1), package(2)]
    described = registry.describe_model_package(ModelPackageName=package(1))
    assert {name: described[name] for name in request} == request
    assert (described["ModelPackageVersion"], described["ModelApprovalStatus"]) == (1, "PendingManualApproval")
    assert described["ModelPackageStatus"] == "Completed"


def test_lists_by_status_in_pages(registry: Any) -> None:
    def versions(**arguments: Any) -> list[int]:
        answer = registry.list_model_packages(**arguments)
        return [summary["ModelPackageVersion"] for summary in answer["ModelPackageSummaryList"]]

    assert versions(ModelPackageGroupName=GROUP) == [1, 2]
    newest = {"ModelPackageGroupName": GROUP, "SortBy": "CreationTime", "SortOrder": "Descending"}
    assert versions(**newest) == [2, 1]
    assert versions(**newest, ModelApprovalStatus="Approved") == [2]
    page = registry.list_model_packages(**newest, MaxResults=1)
    assert versions(**newest, MaxResults=1, NextToken=page["NextToken"]) == [1]
    assert versions() == []
    code, message = e.error_of(lambda: versions(ModelPackageGroupName="nobody"))
    assert (code, "does not exist" in message) == ("ValidationException", True)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"Tags": [{"Key": "a", "Value": "b"}]}, "Tags are not supported"),
        ({"ModelPackageGroupName": "nobody"}, "does not exist"),
        ({"InferenceSpecification": {"Containers": [{"Image": "alpine"}]}}, "cannot run the image"),
        (
            {"InferenceSpecification": {"Containers": [{"Image": e.IMAGE, "ModelDataUrl": "s3://models/none"}]}},
            "Could not find model data",
        ),
    ],
)
def test_refuses_bad_packages(registry: Any, changes: dict[str, Any], cause: str) -> None:
    _, message = e.error_of(lambda: registry.create_model_package(**{"ModelPackageGroupName": GROUP, **changes}))
    assert cause in message


def events(emulator: e.Emulator, queue: str, count: int) -> list[dict[str, Any]]:
    sqs = emulator.client("sqs")
    found: list[dict[str, Any]] = []

    def enough() -> bool:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        found.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
        return len(found) >= count

    e.wait_until(enough)
    return found


def test_every_change_is_an_event(emulator: e.Emulator, registry: Any) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    statement["Resource"] = f"arn:aws:sqs:{e.REGION}:{e.ACCOUNT}:approvals"
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    queue = emulator.client("sqs").create_queue(QueueName="approvals", Attributes={"Policy": policy})["QueueUrl"]
    rules = emulator.client("events")
    pattern = {"source": ["aws.sagemaker"], "detail": {"ModelPackageGroupName": [GROUP]}}
    rules.put_rule(Name="approvals", EventPattern=json.dumps(pattern))
    target = {"Id": "queue", "Arn": f"arn:aws:sqs:{e.REGION}:{e.ACCOUNT}:approvals"}
    rules.put_targets(Rule="approvals", Targets=[target])
    third = registry.create_model_package(ModelPackageGroupName=GROUP, InferenceSpecification=SPECIFICATION)
    arn = third["ModelPackageArn"]
    (created,) = events(emulator, queue, 1)
    assert created["detail-type"] == "SageMaker Model Package State Change"
    assert (created["resources"], created["detail"]["ModelPackageVersion"]) == ([arn], 3)
    assert "UpdatedModelPackageFields" not in created["detail"]
    registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="by Ann")
    (approved,) = events(emulator, queue, 1)
    assert approved["detail"]["ModelApprovalStatus"] == "Approved"
    assert approved["detail"]["UpdatedModelPackageFields"] == ["ModelApprovalStatus", "ApprovalDescription"]
    # The same again changes nothing, so only what follows is told.
    registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    registry.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"a": "1", "b": "2"})
    registry.update_model_package(
        ModelPackageArn=arn, CustomerMetadataProperties={"c": "3"}, CustomerMetadataPropertiesToRemove=["a"]
    )
    changed = [event["detail"]["UpdatedModelPackageFields"] for event in events(emulator, queue, 2)]
    assert changed == [["CustomerMetadataProperties"], ["CustomerMetadataProperties"]]
    described = registry.describe_model_package(ModelPackageName=arn)
    assert described["CustomerMetadataProperties"] == {"b": "2", "c": "3"}
    assert described["ApprovalDescription"] == "by Ann"


def sdk(action: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:sagemaker:{action}",
        "Arguments": arguments,
        **(more or {"End": True}),
    }


def test_state_machines_register_approve_and_delete(emulator: e.Emulator, registry: Any) -> None:
    by_name = {"ModelPackageName": "{% $arn %}"}
    states = {
        "Register": sdk(
            "createModelPackage",
            {"ModelPackageGroupName": GROUP, "InferenceSpecification": SPECIFICATION},
            Assign={"arn": "{% $states.result.ModelPackageArn %}"},
            Next="Approve",
        ),
        "Approve": sdk(
            "updateModelPackage", {"ModelPackageArn": "{% $arn %}", "ModelApprovalStatus": "Approved"}, Next="Describe"
        ),
        "Describe": sdk(
            "describeModelPackage",
            by_name,
            Assign={
                "status": "{% $states.result.ModelApprovalStatus %}",
                "age": "{% $millis() - $toMillis($states.result.CreationTime) %}",
            },
            Next="List",
        ),
        "List": sdk(
            "listModelPackages",
            {"ModelPackageGroupName": GROUP},
            Assign={"count": "{% $count($states.result.ModelPackageSummaryList) %}"},
            Next="Delete",
        ),
        "Delete": sdk("deleteModelPackage", by_name, Output="{% [$arn, $status, $count, $age] %}", End=True),
    }
    group, packages = f"{SAGEMAKER}:model-package-group/{GROUP}", f"{SAGEMAKER}:model-package/{GROUP}/*"
    allowed = [
        ("sagemaker:CreateModelPackage", group),
        ("sagemaker:*ModelPackage", packages),
        ("sagemaker:ListModelPackages", "*"),
    ]
    answer = run(emulator, "registrar", states, *allowed)
    assert answer["status"] == "SUCCEEDED", answer
    arn, status, count, age = json.loads(answer["output"])
    assert (arn, status, count) == (package(4), "Approved", 4)
    assert 0 <= age < 10_000
    for missing in allowed:
        denied = run(emulator, f"denied-{allowed.index(missing)}", states, *(set(allowed) - {missing}))
        assert denied["error"] == "SageMaker.AccessDeniedException"
        assert "is not authorized to perform: sagemaker:" in denied["cause"]


def test_state_machines_delete_old_models(emulator: e.Emulator, ml_role: str) -> None:
    e.put_model(emulator, "pruned", samples.archive(samples.booster()), ml_role)
    states = {
        "Config": sdk("deleteEndpointConfig", {"EndpointConfigName": "pruned"}, Next="Model"),
        "Model": sdk("deleteModel", {"ModelName": "pruned"}, Next="Again"),
        "Again": sdk("deleteModel", {"ModelName": "pruned"}),
    }
    config = ("sagemaker:DeleteEndpointConfig", f"{SAGEMAKER}:endpoint-config/pruned")
    denied = run(emulator, "half-pruner", states, config)
    assert f"sagemaker:DeleteModel on resource: {SAGEMAKER}:model/pruned" in denied["cause"]
    del states["Config"]
    gone = run(emulator, "pruner", states, ("sagemaker:DeleteModel", f"{SAGEMAKER}:model/pruned"))
    assert gone["error"] == "SageMaker.SageMakerException"
    assert "Could not find model" in gone["cause"]


def test_a_group_with_versions_stays(registry: Any) -> None:
    _, message = e.error_of(lambda: registry.delete_model_package_group(ModelPackageGroupName=GROUP))
    assert "still has Model Packages" in message
    for summary in registry.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]:
        registry.delete_model_package(ModelPackageName=summary["ModelPackageArn"])
    registry.delete_model_package_group(ModelPackageGroupName=GROUP)
    code, message = e.error_of(lambda: registry.describe_model_package(ModelPackageName=package(1)))
    assert (code, "does not exist" in message) == ("ValidationException", True)
