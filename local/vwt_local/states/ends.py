"""Executions whose end MiniStack gets wrong: those that are stopped, and those that the emulator's end interrupts."""

from __future__ import annotations

from collections.abc import Callable

from ministack.services import stepfunctions as sf

from ..json_service import JsonObject

Fail = Callable[[JsonObject, str, str], None]
Restore = Callable[[JsonObject], None]


def failing_unless_stopped(fail: Fail) -> Fail:
    """Wraps MiniStack's `_fail_execution`: a task that ends after StopExecution must not turn ABORTED into FAILED."""

    def fail_execution(execution: JsonObject, error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    return fail_execution


def failing_interrupted(restore: Restore) -> Restore:
    """Wraps MiniStack's `load_persisted_state`: what ran when the emulator ended will not go on."""

    def load_persisted_state(state: JsonObject) -> None:
        for execution in state["executions"].all_values():
            if execution["status"] == "RUNNING":
                cause = "The emulator stopped while the execution ran. Start it again."
                sf._fail_execution(execution, "Emulator.Stopped", cause)
        restore(state)

    return load_persisted_state
