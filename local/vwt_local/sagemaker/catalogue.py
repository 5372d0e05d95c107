"""Models, endpoint configurations, model package groups and tags: resources without a process."""

from __future__ import annotations

import json

from .. import changes
from ..errors import ApiError, validation_error
from ..json_service import JsonObject
from ..objects import Location, RoleStore
from ..roles import acts, table
from . import images
from .store import ENDPOINT_CONFIG, KINDS, MODEL, MODEL_PACKAGE_GROUP, TAGS


def create_model(request: JsonObject) -> JsonObject:
    """Serves CreateModel: one container, whose image runs here and whose artefact the role can read."""
    MODEL.check_new(request["ModelName"])
    container(request)
    role = request.get("ExecutionRoleArn")
    if role is None:
        raise validation_error("ExecutionRoleArn is required for a model that has model data.")
    url = container(request).get("ModelDataUrl")
    images.check(container(request).get("Image", ""))
    if url is None:
        raise validation_error("The primary container has no ModelDataUrl.")
    artefact = Location.parse(url)
    try:
        RoleStore(role).check_readable(artefact)
    except ApiError as error:
        raise acts.refusal(table.MODEL_DATA, role, error.message, url=url) from error
    record = MODEL.add({"EnableNetworkIsolation": False, **request})
    return {"ModelArn": record["ModelArn"]}


def container(model: JsonObject) -> JsonObject:
    """Returns a model's one container.

    Raises:
        ApiError: It has none or several: inference pipelines are not emulated.
    """
    containers: list[JsonObject] = model.get("Containers") or [model.get("PrimaryContainer") or {}]
    if len(containers) != 1 or "Image" not in containers[0]:
        raise validation_error("The local emulator runs models of exactly one container with an Image.")
    return containers[0]


def create_endpoint_config(request: JsonObject) -> JsonObject:
    """Serves CreateEndpointConfig: every variant names a model and either instances or a serverless configuration."""
    ENDPOINT_CONFIG.check_new(request["EndpointConfigName"])
    for variant in request["ProductionVariants"]:
        MODEL.get(variant.get("ModelName", ""))
    record = ENDPOINT_CONFIG.add(
        {
            "EnableNetworkIsolation": False,
            **request,
            "ProductionVariants": [{"InitialVariantWeight": 1.0, **v} for v in request["ProductionVariants"]],
        }
    )
    return {"EndpointConfigArn": record["EndpointConfigArn"]}


def create_model_package_group(request: JsonObject) -> JsonObject:
    """Serves CreateModelPackageGroup."""
    MODEL_PACKAGE_GROUP.check_new(request["ModelPackageGroupName"])
    record = MODEL_PACKAGE_GROUP.add({**request, "ModelPackageGroupStatus": "Completed", "CreatedBy": {}})
    return {"ModelPackageGroupArn": record["ModelPackageGroupArn"]}


def put_group_policy(request: JsonObject) -> JsonObject:
    """Serves PutModelPackageGroupPolicy."""
    try:
        json.loads(request["ResourcePolicy"])
    except json.JSONDecodeError as error:
        raise validation_error(f"The resource policy is not JSON: {error}") from error
    record = MODEL_PACKAGE_GROUP.get(request["ModelPackageGroupName"])
    record["_Policy"] = request["ResourcePolicy"]
    changes.mark()
    return {"ModelPackageGroupArn": record["ModelPackageGroupArn"]}


def get_group_policy(request: JsonObject) -> JsonObject:
    """Serves GetModelPackageGroupPolicy."""
    record = MODEL_PACKAGE_GROUP.get(request["ModelPackageGroupName"])
    if "_Policy" not in record:
        raise validation_error(f"Cannot find resource policy for: {record['ModelPackageGroupArn']}")
    return {"ResourcePolicy": record["_Policy"]}


def delete_group_policy(request: JsonObject) -> JsonObject:
    """Serves DeleteModelPackageGroupPolicy."""
    get_group_policy(request)
    del MODEL_PACKAGE_GROUP.get(request["ModelPackageGroupName"])["_Policy"]
    changes.mark()
    return {}


def _tags_of(resource: str) -> dict[str, str]:
    resource = resource.lower()
    if not any(resource in kind.records for kind in KINDS):
        raise validation_error(f"Could not find resource {resource}.")
    tags: dict[str, str] = TAGS.setdefault(resource, {})
    return tags


def _listed(tags: dict[str, str]) -> JsonObject:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def add_tags(request: JsonObject) -> JsonObject:
    """Serves AddTags; answers all tags of the resource."""
    tags = _tags_of(request["ResourceArn"])
    tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
    changes.mark()
    return _listed(tags)


def list_tags(request: JsonObject) -> JsonObject:
    """Serves ListTags."""
    return _listed(_tags_of(request["ResourceArn"]))


def delete_tags(request: JsonObject) -> JsonObject:
    """Serves DeleteTags."""
    tags = _tags_of(request["ResourceArn"])
    for key in request["TagKeys"]:
        tags.pop(key, None)
    changes.mark()
    return {}
