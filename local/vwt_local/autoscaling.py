"""Application Auto Scaling: keeps and shows targets and policies. Nothing is scaled: an endpoint is one process."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from . import changes
from .errors import ApiError
from .json_service import JsonObject, Operation, json_service

# By "namespace|resource|dimension"; policies have their name as a fourth part.
_targets = AccountRegionScopedDict()
_policies = AccountRegionScopedDict()
_tags = AccountRegionScopedDict()

_SERVICE_ROLE = (
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


def _key(request: JsonObject, *more: str) -> str:
    return "|".join((request["ServiceNamespace"], request["ResourceId"], request["ScalableDimension"], *more))


def is_registered(namespace: str, resource: str) -> bool:
    """Tells whether a resource is a scalable target, in whatever dimension."""
    return any(key.startswith(f"{namespace}|{resource}|") for key in _targets)


def _describe(request: JsonObject) -> str:
    return (
        f"service namespace: {request['ServiceNamespace']}, resource ID: {request['ResourceId']}, "
        f"scalable dimension: {request['ScalableDimension']}"
    )


def _arn(tail: str) -> str:
    return f"arn:aws:application-autoscaling:{get_region()}:{get_account_id()}:{tail}"


def authorized_arn(request: JsonObject) -> str:
    """Returns the ARN that a caller needs an operation's action on: the scalable target's, or that of one to come."""
    if "ResourceARN" in request:
        return str(request["ResourceARN"])
    if not {"ServiceNamespace", "ResourceId", "ScalableDimension"} <= request.keys():
        return "*"
    target = _targets.get(_key(request), {})
    return str(target.get("ScalableTargetARN", _arn("scalable-target/new")))


def _register(request: JsonObject) -> JsonObject:
    old = _targets.get(_key(request))
    request = dict(request)
    tags = request.pop("Tags", {})
    if old is None:
        missing = [name for name in ("MinCapacity", "MaxCapacity") if name not in request]
        if missing:
            raise ApiError("ValidationException", f"{' and '.join(missing)} required for a new scalable target.")
        old = {
            "RoleARN": f"arn:aws:iam::{get_account_id()}:role/{_SERVICE_ROLE}",
            "CreationTime": time.time(),
            "ScalableTargetARN": _arn(f"scalable-target/{uuid.uuid4().hex}"),
            "SuspendedState": {
                "DynamicScalingInSuspended": False,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
        }
        _tags[old["ScalableTargetARN"]] = tags
    target = _targets[_key(request)] = {**old, **request}
    changes.mark()
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


def _deregister(request: JsonObject) -> JsonObject:
    target = _targets.pop(_key(request), None)
    if target is None:
        raise ApiError("ObjectNotFoundException", f"No scalable target found for {_describe(request)}")
    _tags.pop(target["ScalableTargetARN"], None)
    for key in [key for key in _policies if key.startswith(_key(request) + "|")]:
        del _policies[key]
    changes.mark()
    return {}


def _put_policy(request: JsonObject) -> JsonObject:
    if _key(request) not in _targets:
        raise ApiError("ObjectNotFoundException", f"No scalable target registered for {_describe(request)}")
    key = _key(request, request["PolicyName"])
    old = _policies.get(key)
    if old is None:
        name = f"resource/{request['ServiceNamespace']}/{request['ResourceId']}:policyName/{request['PolicyName']}"
        arn = f"arn:aws:autoscaling:{get_region()}:{get_account_id()}:scalingPolicy:{uuid.uuid4()}:{name}"
        old = {"PolicyARN": arn, "PolicyType": "StepScaling", "CreationTime": time.time(), "Alarms": []}
    _policies[key] = {**old, **request}
    changes.mark()
    return {"PolicyARN": old["PolicyARN"], "Alarms": []}


def _delete_policy(request: JsonObject) -> JsonObject:
    if _policies.pop(_key(request, request["PolicyName"]), None) is None:
        raise ApiError("ObjectNotFoundException", f"No scaling policy found for {_describe(request)}")
    changes.mark()
    return {}


def _reader(store: AccountRegionScopedDict, answer: str, filters: dict[str, str]) -> Operation:
    """Makes a Describe operation; `filters` maps a request's list to the member that must be in it."""

    def matches(record: JsonObject, request: JsonObject) -> bool:
        exact = all(
            request.get(name, record[name]) == record[name]
            for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")
        )
        return exact and all(record[member] in request.get(name, [record[member]]) for name, member in filters.items())

    return lambda request: {answer: [record for record in store.values() if matches(record, request)]}


def _tag(change: Callable[[dict[str, str], JsonObject], JsonObject]) -> Operation:
    def operation(request: JsonObject) -> JsonObject:
        tags = _tags.get(request["ResourceARN"])
        if tags is None:
            raise ApiError("ResourceNotFoundException", f"No scalable target found for {request['ResourceARN']}")
        changes.mark()
        return change(tags, request)

    return operation


def _untag(tags: dict[str, str], request: JsonObject) -> JsonObject:
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


handle = json_service(
    "application-autoscaling",
    {
        "RegisterScalableTarget": _register,
        "DeregisterScalableTarget": _deregister,
        "DescribeScalableTargets": _reader(_targets, "ScalableTargets", {"ResourceIds": "ResourceId"}),
        "PutScalingPolicy": _put_policy,
        "DeleteScalingPolicy": _delete_policy,
        "DescribeScalingPolicies": _reader(_policies, "ScalingPolicies", {"PolicyNames": "PolicyName"}),
        "TagResource": _tag(lambda tags, request: tags.update(request["Tags"]) or {}),
        "UntagResource": _tag(_untag),
        "ListTagsForResource": _tag(lambda tags, _: {"Tags": tags}),
    },
)

_STORES = {"targets": _targets, "policies": _policies, "tags": _tags}


def get_state() -> JsonObject:
    """Returns everything, for the snapshot."""
    return dict(_STORES)


def load_persisted_state(state: JsonObject) -> None:
    """Puts a snapshot's state back into the stores."""
    for name, store in _STORES.items():
        store.update(state[name])


def reset() -> None:
    """Forgets everything."""
    for store in _STORES.values():
        store.clear()
