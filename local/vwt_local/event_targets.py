"""Targets of EventBridge rules act under their role, which MiniStack stores and does not ask."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch, eventbridge

from . import iam
from .errors import ApiError
from .json_service import JsonObject

_log = logging.getLogger(__name__)

# A target, the event, the rule, and MiniStack's view of the event.
Invoke = Callable[..., None]


def asking_role(invoke: Invoke) -> Invoke:
    """Wraps MiniStack's `_invoke_target`: a state machine is started only by a role that may.

    One that is refused is counted as on AWS, in FailedInvocations of `AWS/Events`, and logged.
    """

    def invoke_target(target: JsonObject, event: JsonObject, rule: JsonObject, view: Any = None) -> None:
        arn = target.get("Arn", "")
        if ":stateMachine:" in arn:
            role = target.get("RoleArn", "")
            try:
                iam.require_assumable(role, "events.amazonaws.com")
                iam.require(role, event["EventId"], "states:StartExecution", arn)
            except ApiError as error:
                _log.warning("The rule %s cannot start %s: %s", rule["Name"], arn, error)
                dimensions = {"RuleName": rule["Name"]}
                cloudwatch.record_metric("AWS/Events", "FailedInvocations", 1, "Count", dimensions)
                return
        invoke(target, event, rule, view)

    return invoke_target


def install() -> None:
    """Installs the check; once, before the server starts."""
    eventbridge._invoke_target = asking_role(eventbridge._invoke_target)
