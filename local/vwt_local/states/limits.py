"""Bounds tasks, states and executions as AWS does: their sizes, and the length of the history.

Sources, in the developer guide: "Step Functions service quotas" (executions, tasks, variables) and "Handling errors in
Step Functions workflows" (what no States.ALL catches).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as sf

from ..json_service import JsonObject

# Bytes of the input or output of a task, a state or an execution, in UTF-8; of the variables that one state assigns.
_BYTES = 256 * 1024
# Bytes of all variables of an execution.
_VARIABLES_BYTES = 10 * 1024 * 1024
_EVENTS = 25_000

# Events that AWS writes where MiniStack writes one. The states of iterations and branches have no exit here.
_STANDS_FOR = {"TaskScheduled": 2, "MapStateEntered": 3, "ParallelStateEntered": 3}

_RUNTIME, _DATA_LIMIT = "States.Runtime", "States.DataLimitExceeded"

Handler = Callable[..., Any]


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode())


def check_size(value: Any, what: str, limit: int = _BYTES) -> None:
    """Refuses data that is too large.

    Raises:
        sf._ExecutionError: States.DataLimitExceeded.
    """
    if (size := _size(value)) > limit:
        cause = f"The {what} has {size} bytes, which exceeds the maximum number of bytes service limit of {limit}."
        raise sf._ExecutionError(_DATA_LIMIT, cause)


def bounding_state(run: Handler) -> Handler:
    """Wraps the handler of a kind of state: what a state takes and gives is bounded."""

    def run_state(state: JsonObject, value: Any, *rest: Any) -> Any:
        check_size(value, "state's input")
        output, after = run(state, value, *rest)
        check_size(output, "state's output")
        return output, after

    return run_state


def bounding_task(invoke: Handler) -> Handler:
    """Wraps what invokes a task's resource: what it sends and receives is bounded."""

    def invoke_resource(resource: str, arguments: Any, *rest: Any) -> Any:
        check_size(arguments, "task's input")
        result = invoke(resource, arguments, *rest)
        check_size(result, "task's result")
        return result

    return invoke_resource


def bounding_variables(assign: Handler) -> Handler:
    """Wraps MiniStack's `_apply_state_assign`: variables are bounded, those of one state and all together."""

    def apply_state_assign(state: JsonObject, value: Any, context: JsonObject | None, **results: Any) -> None:
        assign(state, value, context, **results)
        names = state.get("Assign")
        if context is None or not isinstance(names, dict):
            return
        variables = context.get("variables", {})
        check_size({name: variables[name] for name in names if name in variables}, "state's Assign")
        check_size(variables, "execution's variables", _VARIABLES_BYTES)

    return apply_state_assign


def bounding_history(add_event: Handler) -> Handler:
    """Wraps MiniStack's `_add_event`: an execution whose history is full fails."""

    def add(execution: JsonObject, event_type: str, details: JsonObject | None = None) -> Any:
        kept: JsonObject = execution.setdefault("_history", {"events": 1})
        kept["events"] += _STANDS_FOR.get(event_type, 1)
        # The last event tells how the execution ended.
        if kept["events"] >= _EVENTS and not event_type.startswith("Execution"):
            cause = f"The execution reached the maximum number of history events ({_EVENTS})."
            raise sf._ExecutionError(_RUNTIME, cause)
        return add_event(execution, event_type, details)

    return add


def matching_errors(matches: Callable[[list[str], str], bool]) -> Callable[[list[str], str], bool]:
    """Wraps MiniStack's `_error_matches`: nothing catches States.Runtime, and no wildcard States.DataLimitExceeded."""

    def error_matches(error_equals: list[str], error: str) -> bool:
        if error == _RUNTIME:
            return False
        if error == _DATA_LIMIT:
            return error in error_equals
        return matches(error_equals, error)

    return error_matches
