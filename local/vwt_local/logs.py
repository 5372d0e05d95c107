"""Lines of processes into CloudWatch Logs."""

from __future__ import annotations

import time

from ministack.services import cloudwatch_logs


class LogStream:
    """One stream of a log group; group and stream are made when missing. Thread-safe, as MiniStack's store is."""

    def __init__(self, group: str, stream: str) -> None:
        self._names = {"logGroupName": group, "logStreamName": stream}
        # An "already exists" answer is as good as a created one.
        cloudwatch_logs._create_log_group({"logGroupName": group})
        cloudwatch_logs._create_log_stream(self._names)

    def write(self, line: str) -> None:
        """Appends one line with the present time; an empty line is dropped, as CloudWatch does."""
        if line:
            event = {"timestamp": int(time.time() * 1000), "message": line}
            cloudwatch_logs._put_log_events({**self._names, "logEvents": [event]})
