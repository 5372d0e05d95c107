"""Map (distributed) and Parallel states in JSONata, which MiniStack evaluates as JSONPath, and times of a Task."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from ministack.services import stepfunctions as sf

from ..json_service import JsonObject
from . import acting
from .map_run import MapRun

# A state, the state's input, what MiniStack made of it by InputPath, the processor, the execution, the context.
DistributedMap = Callable[[JsonObject, Any, Any, JsonObject, JsonObject, JsonObject], tuple[Any, str | None]]
Parallel = Callable[[JsonObject, Any, JsonObject, JsonObject], tuple[Any, str | None]]
Task = Callable[[JsonObject, Any, JsonObject, JsonObject], tuple[Any, str | None]]


class Fields:
    """The fields of one state, evaluated as they are asked for."""

    def __init__(self, state: JsonObject, state_input: Any, context: JsonObject) -> None:
        self._state = state
        self._input = state_input
        self._context = context

    def value(self, name: str, default: Any = None) -> Any:
        """Evaluates a field that may be, or hold, JSONata expressions."""
        if name not in self._state:
            return default
        return self.evaluate(self._state[name])

    def evaluate(self, template: Any, item: tuple[int, Any] | None = None) -> Any:
        """Evaluates a template, in which `$states.context.Map.Item` is the item when there is one."""
        context = self._context
        if item is not None:
            context = {**context, "Map": {"Item": {"Index": item[0], "Value": item[1]}}}
        return sf._apply_jsonata_template(template, self._input, context)

    def finish(self, result: Any) -> tuple[Any, str | None]:
        """Evaluates Output and Assign of the state, and returns where it goes."""
        output = sf._apply_jsonata_output(self._state, self._input, self._context, result=result, default=result)
        sf._apply_state_assign(self._state, self._input, self._context, result=result)
        return output, sf._next_or_end(self._state)


def distributed_map(original: DistributedMap) -> DistributedMap:
    """Wraps MiniStack's `_run_distributed_map`; a JSONPath state goes to it unchanged."""

    def run(
        state: JsonObject, raw: Any, effective: Any, processor: JsonObject, execution: JsonObject, context: JsonObject
    ) -> tuple[Any, str | None]:
        if sf._state_query_language(state, context) != "JSONata":
            return original(state, raw, effective, processor, execution, context)
        fields = Fields(state, raw, context)
        # Each item is a child execution of the state machine itself.
        acting.require("arn:aws:states:::states:startExecution", {"StateMachineArn": execution["stateMachineArn"]})
        inputs = _batches(_selected(_items(state, fields), state, fields), state, fields)
        map_run = MapRun(
            execution,
            processor,
            query_language=processor.get("QueryLanguage", "JSONata"),
            label=state.get("Label"),
            max_concurrency=int(fields.value("MaxConcurrency", 0)),
            tolerated_count=fields.value("ToleratedFailureCount"),
            tolerated_percentage=fields.value("ToleratedFailurePercentage"),
        )
        return fields.finish(map_run.run(inputs, fields.value("ResultWriter")))

    return run


def _items(state: JsonObject, fields: Fields) -> list[Any]:
    reader = state.get("ItemReader")
    if reader:
        evaluated = {
            **reader,
            **{name: fields.evaluate(reader.get(name, {})) for name in ("Arguments", "ReaderConfig")},
        }
        operation = reader["Resource"].rsplit(":", 1)[-1]
        acting.require(f"arn:aws:states:::aws-sdk:s3:{operation}", evaluated["Arguments"])
        # Arguments are plain now, so MiniStack's JSONPath reader finds nothing in them to evaluate.
        items = sf._read_map_items(evaluated, {}, {})
    else:
        items = fields.value("Items", fields.evaluate("{% $states.input %}"))
    if isinstance(items, dict):
        return [{"Key": key, "Value": value} for key, value in items.items()]
    if not isinstance(items, list):
        raise sf._ExecutionError(
            "States.QueryEvaluationError", f"The items of a Map must be an array: {json.dumps(items)}"
        )
    return items


def _selected(items: list[Any], state: JsonObject, fields: Fields) -> list[Any]:
    if "ItemSelector" not in state:
        return items
    return [fields.evaluate(state["ItemSelector"], (index, item)) for index, item in enumerate(items)]


def _batches(items: list[Any], state: JsonObject, fields: Fields) -> list[Any]:
    batcher = fields.value("ItemBatcher")
    if not batcher:
        return items
    limit, max_bytes = (
        batcher.get("MaxItemsPerBatch", len(items) or 1),
        batcher.get("MaxInputBytesPerBatch", 256 * 1024),
    )
    batches: list[list[Any]] = []
    size = 0
    for item in items:
        length = len(json.dumps(item))
        if not batches or len(batches[-1]) >= limit or size + length > max_bytes:
            batches.append([])
            size = 0
        batches[-1].append(item)
        size += length
    shared = {"BatchInput": batcher["BatchInput"]} if "BatchInput" in batcher else {}
    return [{**shared, "Items": batch} for batch in batches]


def parallel(original: Parallel) -> Parallel:
    """Wraps MiniStack's `_run_parallel_branches`; a JSONPath state goes to it unchanged."""

    def run(state: JsonObject, raw: Any, execution: JsonObject, context: JsonObject) -> tuple[Any, str | None]:
        if sf._state_query_language(state, context) != "JSONata":
            return original(state, raw, execution, context)
        fields = Fields(state, raw, context)
        branch_input = fields.value("Arguments", raw)

        def run_branch(branch: JsonObject) -> Any:
            # A branch's variables are its own.
            own = copy.deepcopy(context)
            return sf._run_sub_machine(branch["States"], branch["StartAt"], branch_input, execution, own)

        with ThreadPoolExecutor(max_workers=len(state["Branches"])) as pool:
            runs = [pool.submit(copy_context().run, run_branch, branch) for branch in state["Branches"]]
        return fields.finish([run.result() for run in runs])

    return run


def task(original: Task) -> Task:
    """Wraps MiniStack's `_execute_task`, which takes the times of a state as plain numbers only."""

    def run(state: JsonObject, raw: Any, execution: JsonObject, context: JsonObject) -> tuple[Any, str | None]:
        if sf._state_query_language(state, context) == "JSONata":
            fields = Fields(state, raw, context)
            times = [name for name in ("TimeoutSeconds", "HeartbeatSeconds") if name in state]
            state = {**state, **{name: float(fields.value(name)) for name in times}}
        return original(state, raw, execution, context)

    return run
