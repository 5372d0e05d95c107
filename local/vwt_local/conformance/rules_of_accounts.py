"""Checks what must be set once in an account and region; see `rules` for the sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import apigateway_v1


def logs_need_the_accounts_role(values: Mapping[str, Any]) -> str | None:
    """Refuses a stage with logs while the account has no role for them."""
    wanted = [str(patch.get("path")) for patch in values.get("patchOperations") or []]
    account = apigateway_v1._account_settings.get("settings") or {}
    if any(path.startswith("/accessLogSettings/") for path in wanted) and not account.get("cloudwatchRoleArn"):
        return "CloudWatch Logs role ARN must be set in account settings to enable logging"
    return None
