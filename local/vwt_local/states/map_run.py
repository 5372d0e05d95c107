"""A Map Run: the child executions of a distributed Map state."""

from __future__ import annotations

import contextvars
import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions as sf

from ..errors import ApiError
from ..json_service import JsonObject
from ..objects import Location, put_object
from . import acting

# Threads for a Map that limits nothing. AWS would run thousands; the work here shares this machine's cores.
_MAX_THREADS = 64
# Step Functions' quota "Maximum input or output size for a task, state, or execution": bytes of UTF-8.
_MOST_BYTES = 262_144
_COUNTS = (
    "pending", "running", "succeeded", "failed", "timedOut", "aborted", "total", "resultsWritten",
    "failuresNotRedrivable", "pendingRedrive",
)  # fmt: skip
# Members of a child execution that a result file shows.
_RESULT_MEMBERS = (
    "executionArn", "name", "stateMachineArn", "status", "startDate", "stopDate", "input", "inputDetails", "output",
    "outputDetails", "error", "cause",
)  # fmt: skip


class MapRun:
    """Runs the processor once for each input, as child executions that ListMapRuns and ListExecutions show."""

    def __init__(
        self,
        execution: JsonObject,
        processor: JsonObject,
        *,
        query_language: str,
        label: str | None,
        max_concurrency: int,
        tolerated_count: float | None,
        tolerated_percentage: float | None,
    ) -> None:
        """Prepares a run.

        Args:
            execution: MiniStack's record of the parent.
            processor: The ItemProcessor.
            query_language: The processor's query language.
            label: The state's Label; made up when there is none.
            max_concurrency: 0 for no limit.
            tolerated_count: The number of children that may fail, if the state says so.
            tolerated_percentage: The share of them that may fail, if the state says so.
        """
        *_, region, account, _, name = execution["stateMachineArn"].split(":")
        label = label or uuid.uuid4().hex
        self._processor = processor
        self._query_language = query_language
        self._child_arn = f"arn:aws:states:{region}:{account}:%s:{name}/{label}"
        self._machine = {"Id": self._child_arn % "stateMachine", "Name": f"{name}/{label}"}
        self._max_concurrency = max_concurrency
        self._limits = (tolerated_count, tolerated_percentage)
        self._lock = threading.Lock()
        self.arn = f"{self._child_arn % 'mapRun'}:{uuid.uuid4()}"
        self._record: JsonObject = {
            "mapRunArn": self.arn,
            "executionArn": execution["executionArn"],
            "status": "RUNNING",
            "startDate": now_iso(),
            "maxConcurrency": max_concurrency,
            "toleratedFailureCount": int(tolerated_count or 0),
            "toleratedFailurePercentage": float(tolerated_percentage or 0),
            "itemCounts": dict.fromkeys(_COUNTS, 0),
            "executionCounts": dict.fromkeys(_COUNTS, 0),
            "redriveCount": 0,
            "_stateMachineArn": self._machine["Id"],
        }
        sf._map_runs[self.arn] = self._record

    def run(self, inputs: list[Any], writer: JsonObject | None) -> Any:
        """Runs all children.

        Returns:
            The outputs of those that succeeded, in order; with a writer, where it has put them.

        Raises:
            sf._ExecutionError: `States.ExceedToleratedFailureThreshold`, `States.ResultWriterFailed`, or
                `States.DataLimitExceeded` for an input or a result that is larger than a state's may be.
        """
        for value in inputs:
            _check_size(value, "input of a child execution")
        for counts in self._counts():
            counts.update(total=len(inputs), pending=len(inputs))
        workers = self._max_concurrency or min(len(inputs), _MAX_THREADS) or 1
        with ThreadPoolExecutor(max_workers=workers) as pool:
            futures = [pool.submit(contextvars.copy_context().run, self._run_child, value) for value in inputs]
        children = [future.result() for future in futures]
        failed = [child for child in children if child["status"] != "SUCCEEDED"]
        exceeded = self._exceeds(len(failed), len(children))
        self._record.update(status="FAILED" if exceeded else "SUCCEEDED", stopDate=now_iso())
        details = _write_results(self.arn, children, writer) if writer else None
        if exceeded:
            cause = "The specified tolerated failure threshold was exceeded"
            if failed:
                cause += f"; the first failure is {failed[0]['error']}: {failed[0]['cause']}"
            raise sf._ExecutionError("States.ExceedToleratedFailureThreshold", cause)
        if details:
            return {"MapRunArn": self.arn, "ResultWriterDetails": details}
        outputs = [json.loads(child["output"]) for child in children if child["status"] == "SUCCEEDED"]
        _check_size(outputs, "result")
        return outputs

    def _counts(self) -> tuple[dict[str, int], dict[str, int]]:
        return self._record["itemCounts"], self._record["executionCounts"]

    def _move(self, source: str, target: str) -> None:
        with self._lock:
            for counts in self._counts():
                counts[source] -= 1
                counts[target] += 1

    def _exceeds(self, failed: int, total: int) -> bool:
        count, percentage = self._limits
        if count is None and percentage is None:
            return failed > 0
        return (count is not None and failed > count) or (percentage is not None and failed * 100 > percentage * total)

    def _run_child(self, value: Any) -> JsonObject:
        name = str(uuid.uuid4())
        child: JsonObject = {
            "executionArn": f"{self._child_arn % 'execution'}:{name}",
            "stateMachineArn": self._machine["Id"],
            "name": name,
            "status": "RUNNING",
            "startDate": now_iso(),
            "stopDate": None,
            "input": json.dumps(value),
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": {"included": True},
            "mapRunArn": self.arn,
            "events": [],
            "testCase": "",
            "mockAttempts": {},
        }
        if not acting.is_running():
            return {**child, "status": "ABORTED", "error": "States.TaskFailed", "cause": "The execution was stopped."}
        sf._executions[child["executionArn"]] = child
        self._move("pending", "running")
        # A child sees neither the variables nor the context of its parent.
        context = {
            "QueryLanguage": self._query_language,
            "Execution": {"Id": child["executionArn"], "Input": value, "Name": name, "StartTime": child["startDate"]},
            "StateMachine": self._machine,
            "variables": {},
        }
        try:
            output = sf._run_sub_machine(self._processor["States"], self._processor["StartAt"], value, child, context)
            child.update(status="SUCCEEDED", output=json.dumps(output))
        except sf._ExecutionError as error:
            child.update(status="FAILED", error=error.error, cause=error.cause)
        except Exception as error:
            child.update(status="FAILED", error="States.Runtime", cause=str(error))
        child["stopDate"] = now_iso()
        self._move("running", "succeeded" if child["status"] == "SUCCEEDED" else "failed")
        return child


def _check_size(value: Any, what: str) -> None:
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"))
    if size > _MOST_BYTES:
        cause = f"The {what} has {size} bytes, more than the service limit of {_MOST_BYTES}."
        raise sf._ExecutionError("States.DataLimitExceeded", cause)


def _shown(child: JsonObject, transformation: str) -> list[Any]:
    """Writes a child for a result file, by WriterConfig.Transformation."""
    if transformation == "NONE" or child["status"] != "SUCCEEDED":
        return [{key[0].upper() + key[1:]: child[key] for key in _RESULT_MEMBERS if child.get(key) is not None}]
    output = json.loads(child["output"])
    return output if transformation == "FLATTEN" and isinstance(output, list) else [output]


def _write_results(map_run: str, children: list[JsonObject], writer: JsonObject) -> JsonObject | None:
    """Writes the children by status and a manifest to S3, as the ResultWriter does.

    Returns:
        ResultWriterDetails; None for a writer that only transforms.
    """
    arguments = writer.get("Arguments")
    if not arguments:
        return None
    config = writer.get("WriterConfig") or {}
    is_lines = config.get("OutputType") == "JSONL"
    bucket = arguments["Bucket"]
    folder = "/".join(part for part in (arguments.get("Prefix", "").strip("/"), map_run.rsplit(":", 1)[-1]) if part)
    files: dict[str, list[JsonObject]] = {"SUCCEEDED": [], "FAILED": [], "PENDING": []}
    for status in files:
        entries = [
            entry
            for child in children
            if (child["status"] if child["status"] in files else "PENDING") == status
            for entry in _shown(child, config.get("Transformation", "NONE"))
        ]
        if entries:
            text = "\n".join(map(json.dumps, entries)) if is_lines else json.dumps(entries)
            key = f"{folder}/{status}_0.{'jsonl' if is_lines else 'json'}"
            files[status].append(_put(bucket, key, text))
    manifest = {"DestinationBucket": bucket, "MapRunArn": map_run, "ResultFiles": files}
    return {"Bucket": bucket, "Key": _put(bucket, f"{folder}/manifest.json", json.dumps(manifest))["Key"]}


def _put(bucket: str, key: str, text: str) -> JsonObject:
    acting.require("arn:aws:states:::aws-sdk:s3:putObject", {"Bucket": bucket, "Key": key})
    try:
        put_object(Location(bucket, key), text.encode())
    except ApiError as error:
        raise sf._ExecutionError("States.ResultWriterFailed", error.message) from error
    return {"Key": key, "Size": len(text.encode())}
