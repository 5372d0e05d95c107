"""Targets of EventBridge rules: who may reach them, and where events go that cannot be delivered.

MiniStack stores a target's role and its dead-letter queue and asks neither. A state machine is started by the role; a
topic and a queue are reached by the service itself, so by their policies, and by that of the key that encrypts them
(AWS: "Using resource-based policies for Amazon EventBridge", "Using dead-letter queues to process undelivered events").
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, eventbridge, kms, sns, sqs

from . import iam
from .errors import ApiError
from .json_service import JsonObject

_log = logging.getLogger(__name__)

_SERVICE = "events.amazonaws.com"

# A target, the event, the rule, and MiniStack's view of the event.
Invoke = Callable[..., None]


def asking(invoke: Invoke) -> Invoke:
    """Wraps MiniStack's `_invoke_target`: an event reaches only what may be reached.

    One that is refused is counted as on AWS, in FailedInvocations of `AWS/Events`, logged, and sent to the target's
    dead-letter queue, where there is one that may be reached.
    """

    def invoke_target(target: JsonObject, event: JsonObject, rule: JsonObject, view: Any = None) -> None:
        try:
            _require(target, event, rule)
        except ApiError as error:
            arn = target["Arn"]
            _log.warning("The rule %s cannot reach %s: %s", rule["Name"], arn, error)
            dimensions = {"RuleName": rule["Name"]}
            cloudwatch.record_metric("AWS/Events", "FailedInvocations", 1, "Count", dimensions)
            _bury(target, event, rule, error)
            return
        invoke(target, event, rule, view)

    return invoke_target


def _require(target: JsonObject, event: JsonObject, rule: JsonObject) -> None:
    arn = target.get("Arn", "")
    if ":stateMachine:" in arn:
        iam.require_assumable(target.get("RoleArn", ""), _SERVICE)
        iam.require(target["RoleArn"], event["EventId"], "states:StartExecution", arn)
    elif arn.startswith("arn:aws:sns:"):
        topic = sns._topics.get(arn) or {"attributes": {}}
        may = sns.topic_policy_allows(arn, _SERVICE, rule["Arn"], get_account_id())
        _require_policies(arn, may, topic["attributes"].get("KmsMasterKeyId"))
    elif arn.startswith("arn:aws:sqs:"):
        _require_queue(arn, rule)


def _require_queue(arn: str, rule: JsonObject) -> None:
    queue = sqs._queue_by_arn(arn) or {"attributes": {}}
    may = sqs.queue_policy_allows(arn, _SERVICE, rule["Arn"], get_account_id())
    _require_policies(arn, may, queue["attributes"].get("KmsMasterKeyId"))


def _require_policies(arn: str, may: bool, key: str | None) -> None:
    if not may:
        raise ApiError("AccessDenied", f"No policy of {arn} allows {_SERVICE}, for this rule, to reach it.")
    if iam.enforced() and key and not all(_may_use(key, action) for action in ("kms:GenerateDataKey", "kms:Decrypt")):
        raise ApiError("KMSAccessDenied", f"The policy of {key} does not allow {_SERVICE} to encrypt for {arn}.")


def _may_use(key: str, action: str) -> bool:
    """By the key's policy, and without conditions: see `encryption-key.ts`."""
    found = kms._resolve_key(key) or {}
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=found.get("Arn", key),
        region=get_region(),
    )
    allowed = iam_evaluator.evaluate_resource_policy(found.get("Policy"), context, service=_SERVICE)
    return bool(allowed.decision == "Allow")


def _bury(target: JsonObject, event: JsonObject, rule: JsonObject, error: ApiError) -> None:
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    try:
        _require_queue(queue, rule)
    except ApiError as refused:
        _log.warning("The event %s is lost: %s", event["EventId"], refused)
        return
    view = eventbridge._pattern_event_view(event)
    told = {
        "RULE_ARN": rule["Arn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": error.code,
        "ERROR_MESSAGE": error.message,
    }
    message = {
        "MessageBody": json.dumps(view.event_with_detail()),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in told.items()},
    }
    sqs._act_send_message(message, sqs._queue_by_arn(queue)["url"])


def install() -> None:
    """Installs the checks; once, before the server starts."""
    eventbridge._invoke_target = asking(eventbridge._invoke_target)
