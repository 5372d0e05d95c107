"""Asks the key's policy for CloudWatch Logs, which encrypts log groups in its own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region

from .. import iam, keys
from ..errors import ApiError

ACTIONS = ("logs:CreateLogGroup", "logs:AssociateKmsKey")
# The actions that reading and writing needs, of those that the guide (encrypt-log-data-kms) has the policy allow.
_NEEDED = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")


def require(action: str, request: Mapping[str, Any]) -> None:
    """Checks that the policy of a log group's key lets CloudWatch Logs use it.

    Raises:
        ApiError: With the text of CloudWatch Logs, as users of Terraform quote it.
    """
    key = keys.arn_of(request.get("kmsKeyId")) if action in ACTIONS else None
    if key is None:
        return
    here = f"{get_region()}:{get_account_id()}"
    group = f"arn:aws:logs:{here}:log-group:{request.get('logGroupName')}"
    service, context = f"logs.{get_region()}.amazonaws.com", {"kms:encryptioncontext:aws:logs:arn": group}
    policy = keys.policy_of(key)
    if not all(iam.is_service_allowed(service, needed, key, policy, context) for needed in _NEEDED):
        text = f"The specified KMS key does not exist or is not allowed to be used with Arn '{group}'"
        raise ApiError("AccessDeniedException", text)
