"""Task tokens: a role must be allowed to call what it hands one to, and whoever returns it to resume the execution."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from ..json_service import JsonObject
from . import acting

Callback = Callable[[str, Any, str, JsonObject], Any]

# Tokens outlive their tasks, whose late answers must be told apart from strangers'.
_REMEMBERED = 10_000

_owners: OrderedDict[str, str] = OrderedDict()


def owner(token: str) -> str | None:
    """Returns the ARN of the state machine whose execution waits, or waited, with this token."""
    return _owners.get(token)


def remembering(original: Callback) -> Callback:
    """Wraps MiniStack's `_invoke_with_callback`, which asks for no permission and forgets whose a token is."""

    def run(resource: str, arguments: Any, token: str, state: JsonObject) -> Any:
        acting.require(resource.removesuffix(".waitForTaskToken"), arguments)
        if current := acting.current():
            _owners[token] = stepfunctions._executions[current.execution_arn]["stateMachineArn"]
            while len(_owners) > _REMEMBERED:
                _owners.popitem(last=False)
        return original(resource, arguments, token, state)

    return run
