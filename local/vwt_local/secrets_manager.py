"""Completes Secrets Manager: a secret that was made without a value has none, and no version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import json_response
from ministack.services import secretsmanager

from .json_service import JsonObject


def without_value(create: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps `_create_secret`, which makes an empty version; a first value would then have a previous one.

    Source: Secrets Manager API reference, CreateSecret (SecretString: if you omit both, a secret without a version).
    """

    def create_secret(data: JsonObject) -> Any:
        answer = create(data)
        if answer[0] != 200 or "SecretString" in data or "SecretBinary" in data:
            return answer
        secret = secretsmanager._secrets[data["Name"]]
        secret["Versions"].clear()
        return json_response({"ARN": secret["ARN"], "Name": secret["Name"]})

    return create_secret
