"""Tells which instances there are: an account's quota, and what a test takes away. Nothing is persisted."""

from __future__ import annotations

from typing import Literal

from ..errors import ApiError
from ..json_service import JsonObject

# A quota like an account's, so that callers meet a job that is refused before it exists.
_INSTANCE_QUOTA = 20

# How many instances of a type a job may get at most; "quota": the account may have none of it. New endpoints have
# limits of their own, as in AWS, under "endpoint/<instance type>".
Limit = int | Literal["quota"]
_limits: dict[str, Limit] = {}

# SageMaker's FailureReason when EC2 has no such instance.
UNAVAILABLE = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
)


def limits() -> dict[str, Limit]:
    """Returns the limits by instance type; every other type is there up to the quota."""
    return dict(_limits)


def replace(wanted: object) -> None:
    """Puts other limits in the place of all present ones; `{}` lifts them.

    Raises:
        ValueError: It is no object of instance types with a count or "quota"; the limits stay as they are.
    """
    if not isinstance(wanted, dict) or not all(map(_is_limit, wanted.values())):
        raise ValueError(f'Send {{"<instance type>": <count> or "quota"}}, not {wanted!r}.')
    _limits.clear()
    _limits.update(wanted)


def _is_limit(value: object) -> bool:
    return value == "quota" or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def check_quota(job: str, instance_type: str, count: int) -> None:
    """Refuses a job that asks for more instances than the account may have.

    Args:
        job: The kind of job in the quota's name: "training job", "processing job".
        instance_type: An instance type, such as `ml.m5.large`.
        count: Instances.

    Raises:
        ApiError: ResourceLimitExceeded with SageMaker's text.
    """
    quota = 0 if _limits.get(instance_type) == "quota" else _INSTANCE_QUOTA
    if count > quota:
        raise ApiError(
            "ResourceLimitExceeded",
            f"The account-level service limit '{instance_type} for {job} usage' is {quota} Instances, with current "
            f"utilization of 0 Instances and a request delta of {count} Instances. Please use AWS Service Quotas to "
            "request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to "
            "request an increase for this quota.",
        )


def is_available(cluster: JsonObject, use: str = "") -> bool:
    """Tells whether a cluster, an object with InstanceType and InstanceCount, can be provisioned now.

    Args:
        cluster: The instances that are asked for.
        use: "" for a job, "endpoint/" for an endpoint.
    """
    limit = _limits.get(use + cluster["InstanceType"])
    return not isinstance(limit, int) or int(cluster["InstanceCount"]) <= limit
