"""Writes executions to disk before their start is answered, so that none is lost however the emulator ends.

A snapshot is made every few seconds only; until one holds it, an execution has a file of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import stepfunctions as sf

from ..json_service import JsonObject

# MiniStack's name of Step Functions, among the states of a snapshot.
SERVICE = "stepfunctions"

Answer = tuple[int, JsonObject, bytes]


class Started:
    """The folder of these files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keeping(self, start: Callable[[JsonObject], Answer]) -> Callable[[JsonObject], Answer]:
        """Wraps MiniStack's `_start_execution`."""

        def start_execution(data: JsonObject) -> Answer:
            answer = start(data)
            if answer[0] == 200:
                self._keep(sf._executions[json.loads(answer[2])["executionArn"]])
            return answer

        return start_execution

    def _keep(self, execution: JsonObject) -> None:
        # The execution runs already; what it has done by now is the next snapshot's business.
        begun = {**execution, "events": execution["events"][:1]}
        name = hashlib.sha256(execution["executionArn"].encode()).hexdigest()
        partial = self._folder / f"{name}.partial"
        with partial.open("w", encoding="utf-8") as file:
            json.dump(begun, file, default=persistence._json_default)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._folder / f"{name}.json")

    def files(self) -> list[Path]:
        """Lists the files that there are now; they are to be removed once a later snapshot is on disk."""
        return list(self._folder.glob("*.json"))

    def added_to(self, state: Any) -> Any:
        """Adds the executions of these files to a snapshot's state of Step Functions, which may be None."""
        executions = [json.loads(path.read_text(), object_hook=persistence._json_object_hook) for path in self.files()]
        if not executions:
            return state
        state = state or {}
        held = state.setdefault("executions", AccountRegionScopedDict())
        for execution in executions:
            arn = execution["executionArn"]
            region, account = arn.split(":")[3:5]
            if not held.contains_scoped(account, region, arn):
                held.set_scoped(account, region, arn, execution)
        return state
