"""Writes the lines of processes to CloudWatch Logs."""

from __future__ import annotations

import time

from ministack.services import cloudwatch_logs

from .roles import acts, table


class LogStream:
    """One stream of a log group; group and stream are made when missing. Thread-safe, as MiniStack's store is.

    Without the role's permission there is none, and nobody is told: so it is on SageMaker.
    """

    def __init__(self, group: str, stream: str, role_arn: str) -> None:
        self._names = {"logGroupName": group, "logStreamName": stream}
        self._is_allowed = acts.may(table.JOB_LOG, role_arn, group=group, stream=stream)
        if not self._is_allowed:
            return
        # An "already exists" answer is as good as a created one.
        cloudwatch_logs._create_log_group({"logGroupName": group})
        cloudwatch_logs._create_log_stream(self._names)

    def write(self, line: str) -> None:
        """Appends one line with the present time; an empty line is dropped, as CloudWatch does."""
        if line and self._is_allowed:
            event = {"timestamp": int(time.time() * 1000), "message": line}
            cloudwatch_logs._put_log_events({**self._names, "logEvents": [event]})
