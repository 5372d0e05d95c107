"""Records the states that iterations and branches enter, and lets none be entered once the execution is stopped.

MiniStack leaves them out of an execution's history, and walks on after StopExecution: it would still do what a stopped
task's Catch leads to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as sf

from ..json_service import JsonObject

# States, the first one's name, the input, the execution, the context.
SubMachine = Callable[[JsonObject, str, Any, JsonObject, JsonObject], Any]


class _Recorded(dict[str, Any]):
    """States that write an event when they are looked up: MiniStack does so once for every state that it enters."""

    def __init__(self, states: JsonObject, execution: JsonObject) -> None:
        super().__init__(states)
        self._execution = execution

    def get(self, name: str, default: Any = None) -> Any:
        state = super().get(name, default)
        if state is not None:
            if self._execution["status"] != "RUNNING":
                raise sf._ExecutionError("States.Aborted", "The execution was stopped.")
            details = {"stateEnteredEventDetails": {"name": name}}
            sf._add_event(self._execution, f"{state['Type']}StateEntered", details)
        return state


def recording(run: SubMachine) -> SubMachine:
    """Wraps MiniStack's `_run_sub_machine`."""

    def run_sub_machine(states: JsonObject, start: str, value: Any, execution: JsonObject, context: JsonObject) -> Any:
        return run(_Recorded(states, execution), start, value, execution, context)

    return run_sub_machine
