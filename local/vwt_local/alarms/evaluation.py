"""Evaluates alarms again and again, each on its own datapoints."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import cloudwatch

from .. import changes
from ..json_service import JsonObject
from .decision import Datapoints, decide

_log = logging.getLogger(__name__)

# How often all alarms are evaluated. PutMetricData and a Describe call have it done at once.
_INTERVAL = 1.0
# How long a state that was set by hand stays; on AWS, until the next evaluation, a minute at most.
_HOLD = 10.0
# Values mostly come in order of time: as many old ones in a row are the end of the new ones.
_OLD_IN_A_ROW = 100

# MiniStack's handlers: parameters, body, whether it is CBOR, whether it is JSON.
Handler = Callable[..., Any]

_held_until: dict[str, float] = {}


def evaluate(alarm: JsonObject) -> None:
    """Gives a metric alarm the state of its datapoints. Takes the place of MiniStack's `_evaluate_alarm`."""
    if not alarm.get("MetricName") or _held_until.get(alarm["AlarmArn"], 0) > time.monotonic():
        return
    now = time.time()
    periods = alarm["EvaluationPeriods"]
    points = _datapoints(alarm, now)
    needed = alarm.get("DatapointsToAlarm") or periods
    state, reason = decide(
        points, alarm["ComparisonOperator"], alarm["Threshold"], needed, alarm.get("TreatMissingData") or "missing"
    )
    old = alarm["StateValue"]
    if state is None or state == old:
        return
    data = {
        "version": "1.0",
        "queryDate": cloudwatch._ts_iso(now),
        "statistic": alarm.get("ExtendedStatistic") or alarm.get("Statistic"),
        "period": alarm["Period"],
        "recentDatapoints": [value for value in points if value is not None],
        "threshold": alarm["Threshold"],
    }
    alarm.update(StateValue=state, StateReason=reason, StateReasonData=json.dumps(data), StateUpdatedTimestamp=int(now))
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason, reason_data=data)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
    changes.mark()


def _datapoints(alarm: JsonObject, now: float) -> Datapoints:
    """Returns the statistic of each period, the newest first. Periods end now; on AWS they are aligned and late."""
    period, count = alarm["Period"], alarm["EvaluationPeriods"]
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    points = cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], dimensions), [])
    by_period: list[list[JsonObject]] = [[] for _ in range(count)]
    for point in _newer(points, now - period * count):
        if not alarm.get("Unit") or point["Unit"] == alarm["Unit"]:
            by_period[max(0, int((now - point["Timestamp"]) // period))].append(point)
    return [
        cloudwatch._stat_value(stats, statistic, each) if (stats := cloudwatch._calc_stats(each)) else None
        for each in by_period
    ]


def _newer(points: list[JsonObject], since: float) -> Iterator[JsonObject]:
    old = 0
    for point in reversed(points):
        if point["Timestamp"] > since:
            old = 0
            yield point
        else:
            old += 1
            if old == _OLD_IN_A_ROW:
                return


def evaluating_first(handle: Handler) -> Handler:
    """Wraps a handler that shows alarms."""

    def handler(*request: Any) -> Any:
        cloudwatch._evaluate_all_alarms()
        return handle(*request)

    return handler


def holding(set_state: Handler) -> Handler:
    """Wraps MiniStack's SetAlarmState."""

    def handler(params: JsonObject, data: JsonObject, *form: bool) -> Any:
        name = data.get("AlarmName") or cloudwatch._p(params, "AlarmName")
        if alarm := cloudwatch._alarms.get(name):
            _held_until[alarm["AlarmArn"]] = time.monotonic() + _HOLD
            # It is the reason of the state before.
            alarm.pop("StateReasonData", None)
        return set_state(params, data, *form)

    return handler


async def watch() -> None:
    """Evaluates the alarms of all accounts and regions again and again, on the event loop."""
    while True:
        await asyncio.sleep(_INTERVAL)
        for (account, region, name), alarm in cloudwatch._alarms.all_items():
            set_request_account_id(account)
            set_request_region(region)
            try:
                evaluate(alarm)
            except Exception:
                _log.exception("The alarm %s cannot be evaluated", name)
