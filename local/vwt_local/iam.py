"""IAM for what MiniStack does not enforce itself: our services, and roles that services assume."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.iam_actions import identity_denial_message
from ministack.core.responses import get_region
from ministack.services import iam as iam_service

from .errors import ApiError, validation_error


def enforced() -> bool:
    """Whether the emulator runs with `AUTH=true`."""
    return bool(app.AUTH)


def role_name(role_arn: str) -> str:
    """The name at the end of a role's ARN, whatever its path."""
    return role_arn.rsplit("/", 1)[-1]


def require(role_arn: str, session: str, action: str, resource: str, keys: Mapping[str, Any] | None = None) -> None:
    """Checks that a role may do something, by its own policies, its boundary and the resource's policy.

    Args:
        role_arn: The role a service has assumed.
        session: The session's name, for the message.
        action: Such as `s3:GetObject`.
        resource: The resource's ARN, `*` where the action has none.
        keys: Condition keys of the request, in lower case.

    Raises:
        ApiError: AccessDeniedException with AWS's text, which names the action.
    """
    if not enforced():
        return
    account, name = role_arn.split(":")[4], role_name(role_arn)
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        secure_transport=True,
        service_context={"aws:tagkeys": None, **(keys or {})},
    )
    limits = iam_evaluator._permissions_boundary(iam_service._roles, name, account)
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account), *limits)
    service = action.split(":")[0]
    if found := iam_evaluator._resource_policy(service, resource):
        result = iam_evaluator.combine_resource_policy(
            result, context, *found, required=service == "kms", limits=tuple(limits)
        )
    if result.decision != "Allow":
        message = identity_denial_message(action, context.principal_arn, resource, result.decision == "Deny")
        raise ApiError("AccessDeniedException", message)


def require_assumable(role_arn: str, service: str) -> None:
    """Checks that a role exists and trusts a service, as SageMaker does before it accepts one.

    Raises:
        ApiError: ValidationException with SageMaker's text.
    """
    if not enforced():
        return
    role = iam_service._roles.get(role_name(role_arn))
    trust = role and role.get("AssumeRolePolicyDocument")
    if not trust or service not in _trusted_services(trust):
        raise validation_error(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
            f"'{service}' to assume the role."
        )


def _trusted_services(trust: Any) -> set[str]:
    document = json.loads(trust) if isinstance(trust, str) else trust
    statements = document["Statement"]
    services: set[str] = set()
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal")
        named = principal.get("Service", []) if isinstance(principal, dict) else []
        if statement.get("Effect") == "Allow":
            services.update([named] if isinstance(named, str) else named)
    return services
