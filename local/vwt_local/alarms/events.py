"""Sends the events and messages that tell of an alarm's change."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timezone

from ministack.services import cloudwatch, eventbridge

from ..errors import ApiError
from ..json_service import JsonObject
from ..roles import acts, reach

_log = logging.getLogger(__name__)

# By the state that an alarm enters.
_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
# The alarm, its old state, its new state, the reason.
Dispatch = Callable[[JsonObject, str, str, str], None]


def reaching(dispatch: Dispatch) -> Dispatch:
    """Wraps MiniStack's `_dispatch_alarm_actions`: CloudWatch publishes to the topics that let it.

    Source: "Notifying users on alarm changes" in the CloudWatch user guide, for topics and for their keys.
    """

    def dispatch_alarm_actions(alarm: JsonObject, old: str, new: str, reason: str) -> None:
        field = _ACTIONS[new]
        allowed = [arn for arn in alarm.get(field) or [] if _may_publish(arn, alarm)]
        dispatch({**alarm, field: allowed}, old, new, reason)

    return dispatch_alarm_actions


def _may_publish(arn: str, alarm: JsonObject) -> bool:
    if not arn.startswith("arn:aws:sns:"):
        return True
    try:
        reach.require("cloudwatch.amazonaws.com", "sns:Publish", arn, alarm["AlarmArn"])
    except ApiError as error:
        _log.warning("The alarm %s cannot tell: %s", alarm["AlarmName"], error)
        acts.note(alarm["AlarmArn"], error.message)
        return False
    return True


def telling(dispatch: Dispatch) -> Dispatch:
    """Wraps MiniStack's `_dispatch_alarm_actions`, which is called for every change and for nothing else."""

    def dispatch_alarm_actions(alarm: JsonObject, old: str, new: str, reason: str) -> None:
        dispatch(alarm, old, new, reason)
        eventbridge._ensure_default_bus()
        entry = {
            "Source": "aws.cloudwatch",
            "DetailType": "CloudWatch Alarm State Change",
            "Resources": [alarm["AlarmArn"]],
            "Detail": json.dumps(_detail(alarm, old, new, reason)),
        }
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)

    return dispatch_alarm_actions


def _detail(alarm: JsonObject, old: str, new: str, reason: str) -> JsonObject:
    state = {"value": new, "reason": reason, "timestamp": _shown(datetime.now(timezone.utc))}
    if alarm.get("StateReasonData"):
        state["reasonData"] = alarm["StateReasonData"]
    return {
        "alarmName": alarm["AlarmName"],
        "state": state,
        "previousState": _previous(alarm, old),
        "configuration": {"description": alarm.get("AlarmDescription") or "", **_configuration(alarm)},
    }


def _previous(alarm: JsonObject, old: str) -> JsonObject:
    """Returns the alarm's state before the change, which is the last entry of its history."""
    entries = [entry for entry in cloudwatch._history_entries() if entry["AlarmName"] == alarm["AlarmName"]][-2:-1]
    if not entries:
        return {"value": old}
    state = json.loads(entries[0]["HistoryData"])["newState"]
    shown = {
        "value": old,
        "reason": state["stateReason"],
        "timestamp": _shown(datetime.fromisoformat(entries[0]["Timestamp"].replace("Z", "+00:00"))),
    }
    return {**shown, "reasonData": json.dumps(state["stateReasonData"])} if "stateReasonData" in state else shown


def _configuration(alarm: JsonObject) -> JsonObject:
    if "AlarmRule" in alarm:
        return {"alarmRule": alarm["AlarmRule"]}
    metric = {
        "namespace": alarm["Namespace"],
        "name": alarm["MetricName"],
        "dimensions": cloudwatch._dims_from_list(alarm.get("Dimensions") or []),
    }
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    stat = {"metric": metric, "period": alarm["Period"], "stat": statistic}
    return {"metrics": [{"id": str(uuid.uuid4()), "metricStat": stat, "returnData": True}]}


def _shown(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}+0000"
