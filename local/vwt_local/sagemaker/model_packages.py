"""The model registry: the versions of a model package group, their approval, and the events that tell of it."""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.services import eventbridge

from .. import changes, threads
from ..errors import validation_error
from ..json_service import JsonObject
from ..objects import Location, exists
from . import images
from .store import MODEL_PACKAGE, MODEL_PACKAGE_GROUP, PRIVATE

_PENDING = "PendingManualApproval"
# Members that UpdateModelPackage replaces as a whole.
_REPLACED = ("ModelApprovalStatus", "ApprovalDescription", "ModelLifeCycle", "SourceUri", "InferenceSpecification")


def create(request: JsonObject) -> JsonObject:
    """Serves CreateModelPackage: the next version of a group.

    Raises:
        ApiError: ValidationException: no such group, tags, or an image or artefact that is not there.
    """
    if "ModelPackageGroupName" not in request or "ModelPackageName" in request:
        raise validation_error("The local emulator has versioned model packages only: give a ModelPackageGroupName.")
    if request.get("Tags"):
        raise validation_error(
            "Tags are not supported for versioned model packages: they use the tags of their model package group."
        )
    group = MODEL_PACKAGE_GROUP.get(request["ModelPackageGroupName"])
    for known in MODEL_PACKAGE.records.values():
        if known["_ClientToken"] is not None and known["_ClientToken"] == request.get("ClientToken"):
            return {"ModelPackageArn": known["ModelPackageArn"]}
    for container in request.get("InferenceSpecification", {}).get("Containers", []):
        _check_container(container)
    # The number of a deleted version is not given again.
    version = group["_LastVersion"] = group.get("_LastVersion", 0) + 1
    now = time.time()
    name = group["ModelPackageGroupName"]
    members = {key: value for key, value in request.items() if key not in ("ClientToken", "SkipModelValidation")}
    record = {
        "ModelApprovalStatus": _PENDING,
        "CertifyForMarketplace": False,
        **members,
        "ModelPackageGroupName": name,
        "ModelPackageVersion": version,
        "ModelPackageArn": MODEL_PACKAGE.arn(f"{name}/{version}"),
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CreationTime": now,
        "CreatedBy": {},
        "_ClientToken": request.get("ClientToken"),
    }
    MODEL_PACKAGE.records[record["ModelPackageArn"]] = record
    changes.mark()
    _announce(record, [])
    return {"ModelPackageArn": record["ModelPackageArn"]}


def _check_container(container: JsonObject) -> None:
    images.check(container.get("Image", ""))
    url = container.get("ModelDataUrl")
    if url is not None and not exists(Location.parse(url)):
        raise validation_error(f"Could not find model data at {url}.")


def list_versions(request: JsonObject) -> JsonObject:
    """Serves ListModelPackages; without a group it lists unversioned packages, of which there are none here."""
    group = request.get("ModelPackageGroupName")
    versioned = group is not None or request.get("ModelPackageType") in ("Versioned", "Both")
    wanted = MODEL_PACKAGE_GROUP.get(group)["ModelPackageGroupName"] if group else None
    status = request.get("ModelApprovalStatus")
    return MODEL_PACKAGE.list(
        request,
        lambda record: (
            versioned
            and wanted in (None, record["ModelPackageGroupName"])
            and status in (None, record["ModelApprovalStatus"])
        ),
    )


def update(request: JsonObject) -> JsonObject:
    """Serves UpdateModelPackage: approval, its description, and properties, which are merged."""
    record = MODEL_PACKAGE.get(request["ModelPackageArn"])
    changed = [name for name in _REPLACED if name in request and request[name] != record.get(name)]
    record.update({name: request[name] for name in changed})
    properties = {**record.get("CustomerMetadataProperties", {}), **request.get("CustomerMetadataProperties", {})}
    for key in request.get("CustomerMetadataPropertiesToRemove", []):
        properties.pop(key, None)
    if properties != record.get("CustomerMetadataProperties", {}):
        record["CustomerMetadataProperties"] = properties
        changed.append("CustomerMetadataProperties")
    record.update(LastModifiedTime=time.time(), LastModifiedBy={})
    changes.mark()
    if changed:
        _announce(record, changed)
    return {"ModelPackageArn": record["ModelPackageArn"]}


def delete(request: JsonObject) -> JsonObject:
    """Serves DeleteModelPackage."""
    MODEL_PACKAGE.remove(request["ModelPackageName"])
    return {}


def delete_group(request: JsonObject) -> JsonObject:
    """Serves DeleteModelPackageGroup; as on AWS, only an empty one."""
    group = MODEL_PACKAGE_GROUP.get(request["ModelPackageGroupName"])
    name = group["ModelPackageGroupName"]
    if any(record["ModelPackageGroupName"] == name for record in MODEL_PACKAGE.records.values()):
        raise validation_error(
            f"Model Package Group {group['ModelPackageGroupArn']} still has Model Packages. Delete them first."
        )
    MODEL_PACKAGE_GROUP.remove(name)
    return {}


def _announce(record: JsonObject, changed: list[str]) -> None:
    """Puts "SageMaker Model Package State Change" on the default bus, as SageMaker does for a new version and a change.

    Source: "Events that Amazon SageMaker AI sends to Amazon EventBridge" in the developer guide.
    """
    detail = {key: _event_value(key, value) for key, value in record.items() if not key.startswith(PRIVATE)}
    if changed:
        detail["UpdatedModelPackageFields"] = changed
    event = {
        "Source": "aws.sagemaker",
        "DetailType": "SageMaker Model Package State Change",
        "Resources": [record["ModelPackageArn"]],
        "Detail": json.dumps(detail),
    }
    # In a thread, because a target may be a function that answers late.
    threads.start(eventbridge._put_events, {"Entries": [event]}, allow_aws_source=True)


def _event_value(key: str, value: Any) -> Any:
    """Converts a value for an event of SageMaker, in which instants are milliseconds."""
    return round(value * 1000) if key.endswith("Time") else value
