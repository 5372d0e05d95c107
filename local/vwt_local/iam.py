"""Evaluates IAM where MiniStack does not: for our services, and for roles that services assume.

With `AUTH=false` everything is allowed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, router
from ministack.core.iam_actions import identity_denial_message
from ministack.core.iam_evaluator import EvalContext, PrincipalInfo
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam as iam_service

from . import keys
from .errors import ApiError

# Services that say for which account they assume a role; a trust policy can ask the others for nothing.
_SENDS_ACCOUNT = (
    "events.amazonaws.com",
    "sagemaker.amazonaws.com",
    "scheduler.amazonaws.com",
    "states.amazonaws.com",
)


# More documents than a deployment has; each is its own key, so a policy that changes is parsed anew.
_DOCUMENTS = 4096


def parsing_once(parse: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    """Wraps the evaluator's `parse_policy_document`, which a prediction calls 17 times."""
    known = lru_cache(_DOCUMENTS)(parse)

    def parse_policy_document(document: Any) -> list[Any]:
        return list(known(document)) if isinstance(document, str) else parse(document)

    return parse_policy_document


def granting_batches(extract: Callable[..., str | None]) -> Callable[..., str | None]:
    """Wraps `extract_iam_action`: who may do something to a message of a queue may do it to a batch of them.

    SQS has no permissions of their own for batches (SQS developer guide, sqs-batch-api-actions).
    """

    def extract_iam_action(*request: Any) -> str | None:
        action = extract(*request)
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    return extract_iam_action


def enforced() -> bool:
    """Tells whether the emulator runs with `AUTH=true`."""
    return bool(app.AUTH)


def role_name(role_arn: str) -> str:
    """Returns the name at the end of a role's ARN, whatever its path."""
    return role_arn.rsplit("/", 1)[-1]


def assumed(role_arn: str, session: str) -> PrincipalInfo:
    """Makes the principal that a service is once it has assumed a role; the session's name is for messages."""
    account, name = role_arn.split(":")[4], role_name(role_arn)
    return PrincipalInfo(
        arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        type="AssumedRole",
        account=account,
        policies=iam_evaluator._gather_role_policies(name, account),
        limits=iam_evaluator._permissions_boundary(iam_service._roles, name, account),
    )


def caller(headers: dict[str, str], query: Mapping[str, Any]) -> PrincipalInfo | None:
    """Finds who has signed a request; None for the root user, who may do everything, and for a key that is refused."""
    key = router.extract_access_key_id(headers, query)
    principal = iam_evaluator.resolve_principal(key, get_account_id())
    return principal if isinstance(principal, PrincipalInfo) and principal.policies is not None else None


def require(role_arn: str, session: str, action: str, resource: str, context: Mapping[str, Any] | None = None) -> None:
    """Checks that a role may do something; see `require_of`."""
    if enforced():
        require_of(assumed(role_arn, session), action, resource, context)


def require_of(principal: PrincipalInfo, action: str, resource: str, context: Mapping[str, Any] | None = None) -> None:
    """Checks that a principal may do something: its own policies, its boundary, the resource's policy, KMS's grants.

    Args:
        principal: A role that a service has assumed, or a caller.
        action: Such as `s3:GetObject`.
        resource: The resource's ARN, `*` where the action has none.
        context: Condition keys of the request, in lower case.

    Raises:
        ApiError: AccessDeniedException with AWS's text, which names the action; for a key also what KMS says of one
            that is not there or not enabled.
    """
    if not enforced():
        return
    service = action.split(":")[0]
    if service == "kms":
        keys.check_usable(resource)
    request = _context(action, resource, context, principal.arn, principal.type, principal.account)
    result = iam_evaluator.evaluate(request, principal.policies, *principal.limits)
    if found := iam_evaluator._resource_policy(service, resource):
        # A key's policy must allow, or leave it to IAM by naming the account; elsewhere either policy suffices.
        result = iam_evaluator.combine_resource_policy(
            result, request, *found, required=service == "kms", limits=tuple(principal.limits)
        )
    if result.decision != "Allow":
        message = identity_denial_message(action, principal.arn, resource, result.decision == "Deny")
        raise ApiError("AccessDeniedException", message)


def is_service_allowed(
    service: str, action: str, resource: str, policy: Any, context: Mapping[str, Any] | None = None
) -> bool:
    """Tells whether a resource's policy lets a service do something in its own name.

    Args:
        service: Its principal, such as `events.amazonaws.com`.
        action: Such as `sns:Publish`.
        resource: The resource's ARN.
        policy: The resource's policy: a role's trust, or that of a topic, a queue, a function or a key.
        context: Condition keys, in lower case; the account is added.
    """
    if not enforced():
        return True
    known = {"aws:sourceaccount": get_account_id(), **(context or {})}
    # The service is in no account: a statement for an account's principals must not match it.
    request = _context(action, resource, known, service, "Service", "")
    return bool(iam_evaluator.evaluate_resource_policy(policy, request, service=service).decision == "Allow")


def is_assumable(role_arn: str, service: str) -> bool:
    """Tells whether a role exists and its trust policy, with all its conditions, lets a service assume it."""
    if not enforced():
        return True
    role = iam_service._roles.get(role_name(role_arn)) or {}
    account = {} if service in _SENDS_ACCOUNT else {"aws:sourceaccount": None}
    return is_service_allowed(service, "sts:AssumeRole", role_arn, role.get("AssumeRolePolicyDocument"), account)


def _context(
    action: str, resource: str, context: Mapping[str, Any] | None, principal: str, kind: str, account: str
) -> EvalContext:
    return EvalContext(
        principal_arn=principal,
        principal_type=kind,
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        secure_transport=True,
        service_context={"aws:tagkeys": None, **(context or {})},
    )


Context = Callable[[bytes], dict[str, Any]]


def telling_attributes(context: Context) -> Context:
    """Wraps MiniStack's condition keys of DynamoDB, which know nothing of what batches read of each of their tables.

    `dynamodb:Attributes` and `dynamodb:Select` are keys of BatchGetItem too (service authorization reference).
    """

    def dynamodb_service_context(body: bytes) -> dict[str, Any]:
        try:
            request = json.loads(body or b"{}")
        except (json.JSONDecodeError, UnicodeDecodeError):
            return context(body)
        reads = request.get("RequestItems") if isinstance(request, dict) else None
        if not isinstance(reads, dict) or not all(isinstance(read, dict) for read in reads.values()):
            return context(body)
        parts = [context(json.dumps(read).encode()) for read in reads.values()]
        attributes = [name for part in parts for name in part.get("dynamodb:Attributes", [])]
        selects = {part.get("dynamodb:Select") for part in parts}
        select = "SPECIFIC_ATTRIBUTES" if selects == {"SPECIFIC_ATTRIBUTES"} else "ALL_ATTRIBUTES"
        return {"dynamodb:Select": select, **({"dynamodb:Attributes": attributes} if attributes else {})}

    return dynamodb_service_context
