"""KMS keys as other services use them: which key a name means, whether it can be used, and its grants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, EvalResult
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

from .errors import ApiError

_CONTEXT = "kms:encryptioncontext:"
# By KeyState: KMS's error. Source: "Key states of AWS KMS keys".
_UNUSABLE = {
    "Disabled": ("DisabledException", "{arn} is disabled."),
    "PendingDeletion": ("KMSInvalidStateException", "{arn} is pending deletion."),
    "PendingImport": ("KMSInvalidStateException", "{arn} is pending import."),
}

Combine = Callable[..., EvalResult]


def arn_of(key: str | None) -> str | None:
    """Returns the ARN of a customer's key named by id, alias or ARN; None for AWS's own keys, which ask nobody."""
    if not key or "alias/aws/" in key:
        return None
    if found := kms._resolve_key(key):
        return str(found["Arn"])
    return key if key.startswith("arn:") else f"arn:aws:kms:{get_region()}:{get_account_id()}:key/{key}"


def policy_of(arn: str) -> str | None:
    """Returns a key's policy, if there is such a key."""
    found = kms._resolve_key(arn)
    return found.get("Policy") if found else None


def check_usable(arn: str) -> None:
    """Refuses a key that is not there or not enabled.

    Raises:
        ApiError: NotFoundException, DisabledException or KMSInvalidStateException with KMS's text.
    """
    found = kms._resolve_key(arn)
    if found is None:
        raise ApiError("NotFoundException", f"Key '{arn}' does not exist")
    if refusal := _UNUSABLE.get(found["KeyState"]):
        code, text = refusal
        raise ApiError(code, text.format(arn=found["Arn"]))


def honouring_grants(combine: Combine) -> Combine:
    """Wraps MiniStack's `combine_resource_policy`, which knows no grants: one allows what no policy denies."""

    def combine_resource_policy(
        identity: EvalResult, context: EvalContext, policy: Any, owner: str | None, **others: Any
    ) -> EvalResult:
        result = combine(identity, context, policy, owner, **others)
        if result.decision == "ImplicitDeny" and context.action.startswith("kms:") and _is_granted(context):
            return EvalResult("Allow", context.principal_arn, "", "Grant")
        return result

    return combine_resource_policy


def _is_granted(context: EvalContext) -> bool:
    operation = context.action.removeprefix("kms:")
    return any(
        grant["KeyId"] == context.resource_arn
        and operation in grant["Operations"]
        and iam_evaluator._names_caller(grant["GranteePrincipal"], context.principal_arn)
        and _fits(grant.get("Constraints") or {}, context)
        for grant in kms._grants.values()
    )


def _fits(constraints: dict[str, dict[str, str]], context: EvalContext) -> bool:
    """Tells whether the encryption context of a request is what a grant is bound to; one that is not known is not."""
    given = {
        name.removeprefix(_CONTEXT): value
        for name, value in context.service_context.items()
        if name.startswith(_CONTEXT)
    }
    # Condition keys are in lower case here, constraints as they were written.
    wanted = {kind: {k.lower(): v for k, v in pairs.items()} for kind, pairs in constraints.items()}
    subset = wanted.get("EncryptionContextSubset", {})
    return wanted.get("EncryptionContextEquals", given) == given and subset.items() <= given.items()


def via(service: str) -> dict[str, str]:
    """Returns the condition keys of a use of a key through a service, by its name in IAM."""
    return {
        "kms:viaservice": f"{service}.{get_region()}.amazonaws.com",
        "kms:calleraccount": get_account_id(),
    }
