"""Targets of EventBridge's rules and schedules: who may reach them, and where events go that cannot be delivered.

MiniStack stores a target's role and its dead-letter queue and asks neither. A role acts where the target names one, as
all schedules do; topics, queues and functions are reached by the service itself, so by their own policies, and by that
of the key that encrypts them (AWS: "Using resource-based policies for Amazon EventBridge", "Using dead-letter queues to
process undelivered events", and the same of EventBridge Scheduler).
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch, eventbridge, firehose, sqs

from . import delivery_streams, iam, threads
from .errors import ApiError
from .json_service import JsonObject
from .roles import acts, reach, table

_log = logging.getLogger(__name__)

_RULES, _SCHEDULES = "events.amazonaws.com", "scheduler.amazonaws.com"
_BY_POLICY = ("lambda", "sns", "sqs")

# A target, the event, the rule or schedule, and MiniStack's view of the event.
Invoke = Callable[..., None]


def asking(invoke: Invoke) -> Invoke:
    """Wraps MiniStack's `_invoke_target`, which delivers for rules and for schedules.

    A delivery that is refused is counted as on AWS, in FailedInvocations of `AWS/Events` or TargetErrorCount of
    `AWS/Scheduler`, logged, and sent to the target's dead-letter queue, where there is one that may be reached.
    """

    def invoke_target(target: JsonObject, event: JsonObject, rule: JsonObject, view: Any = None) -> None:
        role = target.get("RoleArn", "")
        try:
            _require(target.get("Arn", ""), role, event, rule)
        except ApiError as error:
            _log.warning("%s cannot reach %s: %s", rule["Name"], target["Arn"], error)
            acts.note(role, error.message)
            if _is_schedule(rule):
                _count("AWS/Scheduler", "TargetErrorCount", {"ScheduleGroup": rule["GroupName"]})
            else:
                _count("AWS/Events", "FailedInvocations", {"RuleName": rule["Name"]})
            _bury(target, event, rule, error)
            return
        if _service(target.get("Arn", "")) == "firehose":
            _put_record(target, rule, view or eventbridge._pattern_event_view(event))
        else:
            invoke(target, event, rule, view)

    return invoke_target


def _service(arn: str) -> str:
    return arn.split(":")[2] if arn.count(":") > 1 else ""


def _put_record(target: JsonObject, rule: JsonObject, view: Any) -> None:
    """Gives an event to a delivery stream, which MiniStack knows as no target."""
    data = base64.b64encode(_input(target, rule, view).encode()).decode()
    request = {"DeliveryStreamName": target["Arn"].rpartition("/")[2], "Record": {"Data": data}}

    def put() -> None:
        status, _, answer = firehose._put_record(request)
        if status != 200:
            _log.warning("%s does not take an event of %s: %s", target["Arn"], rule["Name"], answer.decode())

    if delivery_streams.waits(request["DeliveryStreamName"]):
        threads.start(put)
    else:
        put()


def _input(target: JsonObject, rule: JsonObject, view: Any) -> str:
    """Returns what a target gets of an event: a text of its own, a part of the event, or all of it."""
    if transformer := target.get("InputTransformer"):
        return str(eventbridge._apply_input_transformer(transformer, rule, view))
    if fixed := target.get("Input"):
        return str(fixed)
    part = view.event_with_detail()
    for name in filter(None, target.get("InputPath", "").removeprefix("$").split(".")):
        part = part[name]
    return json.dumps(part)


def _is_schedule(rule: JsonObject) -> bool:
    """Tells whether a rule is a schedule, which has its one target in itself."""
    return "Target" in rule


def _require(arn: str, role: str, event: JsonObject, rule: JsonObject) -> None:
    """Checks that a rule or schedule may reach a target.

    Raises:
        ApiError: AccessDenied, AccessDeniedException or KMSAccessDenied.
    """
    service = _service(arn)
    act = table.TARGETS.get(service)
    if act is None:
        return
    principal = _SCHEDULES if _is_schedule(rule) else _RULES
    action, _ = act.needs[0]
    if service in _BY_POLICY and not role:
        reach.require(principal, action, arn, rule["Arn"])
        return
    if not iam.is_assumable(role, principal):
        raise ApiError("AccessDenied", f"{principal} cannot assume the role '{role}'.")
    acts.require(act, role, event["EventId"], target=arn)
    for needed, key, context in reach.of_target(action, arn):
        iam.require(role, event["EventId"], needed, key, context)


def _count(namespace: str, metric: str, dimensions: dict[str, str]) -> None:
    cloudwatch.record_metric(namespace, metric, 1, "Count", dimensions)


def _bury(target: JsonObject, event: JsonObject, rule: JsonObject, error: ApiError) -> None:
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    try:
        # A rule reaches the queue by the queue's policy, a schedule by its role.
        _require(queue, target.get("RoleArn", "") if _is_schedule(rule) else "", event, rule)
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
