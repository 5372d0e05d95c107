"""Puts the alarms into MiniStack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch

from ..json_service import JsonObject
from . import evaluation, events
from .query_protocol import through_json


def _one_statistic(put: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps PutMetricAlarm: an alarm on a percentile has no other statistic, which MiniStack gives it."""

    def handler(params: JsonObject, data: JsonObject, *form: bool) -> Any:
        answer = put(params, data, *form)
        alarm = cloudwatch._alarms.get(data.get("AlarmName"))
        if alarm and alarm.get("ExtendedStatistic"):
            alarm["Statistic"] = None
        return answer

    return handler


def install() -> None:
    """Installs everything; once, before the server starts."""
    cloudwatch._evaluate_alarm = evaluation.evaluate
    cloudwatch._dispatch_alarm_actions = events.telling(events.reaching(cloudwatch._dispatch_alarm_actions))
    cloudwatch._set_alarm_state = evaluation.holding(cloudwatch._set_alarm_state)
    cloudwatch._put_metric_alarm = through_json("PutMetricAlarm", _one_statistic(cloudwatch._put_metric_alarm))
    cloudwatch._describe_alarms_for_metric = evaluation.evaluating_first(cloudwatch._describe_alarms_for_metric)
    cloudwatch._describe_alarms = evaluation.evaluating_first(
        through_json("DescribeAlarms", cloudwatch._describe_alarms)
    )
