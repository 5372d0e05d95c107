"""Asks policies for what a service reaches in its own name: that of the target, and that of its key."""

from __future__ import annotations

from ministack.core import iam_evaluator

from .. import iam, keys
from ..errors import ApiError
from . import key_uses


def require(principal: str, action: str, arn: str, source: str) -> None:
    """Checks that a service may do something to a topic, a queue or a function.

    Args:
        principal: The service's name, such as `events.amazonaws.com`.
        action: Such as `sns:Publish`.
        arn: The target's.
        source: The ARN of what the service does it for, such as a rule.

    Raises:
        ApiError: AccessDenied or KMSAccessDenied.
    """
    policy, _ = iam_evaluator._resource_policy(action.split(":")[0], arn) or (None, None)
    if not iam.is_service_allowed(principal, action, arn, policy, {"aws:sourcearn": source}):
        raise ApiError("AccessDenied", f"No policy of {arn} allows {principal} {action} for {source}.")
    for needed, key, context in of_target(action, arn):
        # Without source and account, which the calls for the key do not tell: see `encryption-key.ts`.
        unnamed = {**context, "aws:sourceaccount": None}
        if not iam.is_service_allowed(principal, needed, key, keys.policy_of(key), unnamed):
            raise ApiError("KMSAccessDenied", f"The policy of {key} does not allow {principal} {needed}.")


def of_target(action: str, arn: str) -> list[key_uses.Need]:
    """Returns what an action on a target needs of the target's key."""
    return list(key_uses.needs(action, {"TopicArn": arn, "QueueUrl": arn.replace(":", "/")}))
