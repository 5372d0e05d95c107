"""MiniStack's IAM and KMS in the tests' own process: documents, one role and one key."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import iam as iam_service
from ministack.services import kms

import emulator as e

KEY = f"arn:aws:kms:{e.REGION}:{e.ACCOUNT}:key/k"
ROLE = f"arn:aws:iam::{e.ACCOUNT}:role/actor"


def statement(**members: Any) -> dict[str, Any]:
    """Returns an allowing statement."""
    return {"Effect": "Allow", **members}


def document(*statements: dict[str, Any]) -> str:
    """Returns a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def put_key(policy: str) -> str:
    """Makes the key, with this policy; returns its ARN."""
    kms._keys["k"] = {"Arn": KEY, "KeyId": "k", "KeyState": "Enabled", "Policy": policy}
    return KEY


def put_role(*statements: dict[str, Any], trusts: str = "sagemaker.amazonaws.com", **condition: Any) -> str:
    """Makes the role, with these permissions and this trust; returns its ARN."""
    trust = statement(Principal={"Service": trusts}, Action="sts:AssumeRole", **condition)
    iam_service._roles["actor"] = {
        "RoleName": "actor",
        "Arn": ROLE,
        "AssumeRolePolicyDocument": document(trust),
        "InlinePolicies": {"p": document(*statements)},
        "AttachedPolicies": [],
    }
    return ROLE
