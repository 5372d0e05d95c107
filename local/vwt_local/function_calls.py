"""Calls Node.js functions on the event loop, in the processes that MiniStack starts for them.

MiniStack gives a call two threads, of which one waits for it and one for its answer, and each process one that reads
its log. Python runs one thread at a time, so the loop, which has all requests to answer, waited for them and they for
it: a prediction is three calls, one inside the other. Here a call has no thread of its own, and one that comes from a
thread (an execution of a state machine, an event) waits in that one.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import os
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from subprocess import Popen
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from ministack import app
from ministack.core import lambda_runtime
from ministack.core.responses import new_uuid, request_scope
from ministack.services import lambda_svc

from .concurrency import Environments
from .deadlines import within
from .function_logs import END
from .json_service import JsonObject

Execute = Callable[[JsonObject, Any], JsonObject]
RunReentrant = Callable[..., Awaitable[Any]]

# An answer is one line. Lambda's has at most 6 MB, which JSON's escapes can make six times as long.
_LONGEST_LINE = 64 * 1024 * 1024
# Bounds the wait for a log whose end does not come. How fast a machine is must not cut a log.
_LOG_PATIENCE_SECONDS = 5.0
# Lambda gives a function ten seconds to load. This is for a busy machine, so that one that never does keeps no others
# from starting.
_LOAD_PATIENCE_SECONDS = 120.0

_environments = Environments()
# Starting one is work for a core: more at once would start none of them sooner, and keep those from working that run.
_starting = ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="vwt-function")
# The event loop itself holds tasks only weakly.
_running: set[asyncio.Task[JsonObject]] = set()


class _Pipes(NamedTuple):
    """The ends of a process's pipes that the event loop has."""

    calls: asyncio.WriteTransport
    answers: asyncio.StreamReader
    log: asyncio.StreamReader

    async def ask(self, call: JsonObject) -> JsonObject:
        """Sends a call and waits for its answer."""
        self.calls.write(json.dumps(call).encode() + b"\n")
        while line := await self.answers.readline():
            if answer := _answer_in(line):
                return answer
        return {"status": "error", "error": "Worker process died"}

    async def read_log(self) -> str:
        """Reads the log of the call that has just been answered, or that has ended with its process."""
        try:
            text = await within(_LOG_PATIENCE_SECONDS, self.log.readuntil(END))
        except asyncio.IncompleteReadError as error:
            text = error.partial
        except TimeoutError:
            return ""
        return text.removesuffix(END).decode(errors="replace").rstrip("\n")


def _answer_in(line: bytes) -> JsonObject | None:
    """Finds the answer that a line is, or nothing: a library may write to the standard output too, even objects."""
    if not line.startswith(b"{"):
        return None
    try:
        found: JsonObject = json.loads(line)
    except ValueError:
        return None
    return found if found.get("status") in ("ok", "error") else None


_pipes: WeakKeyDictionary[Popen[str], _Pipes] = WeakKeyDictionary()


def log_on_loop(read: Callable[[Any], None]) -> Callable[[Any], None]:
    """Wraps `Worker._read_stderr`, which a thread of each process runs."""

    def read_stderr(worker: Any) -> None:
        if not _is_of_node(worker.config):
            read(worker)

    return read_stderr


def without_thread(run: RunReentrant) -> RunReentrant:
    """Wraps `run_reentrant` as services import it, which gives a call a thread."""

    async def run_reentrant(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if work is lambda_svc._execute_function_with_config_scope and _is_of_node(_config(arguments[0])):
            return await execute(*arguments)
        return await run(work, *arguments, **options)

    return run_reentrant


def through_loop(execute_function: Execute) -> Execute:
    """Wraps Lambda's `_execute_function`, which threads call."""

    def execute_on_loop(function: JsonObject, event: Any) -> JsonObject:
        if not _is_of_node(_config(function)):
            return execute_function(function, event)
        return asyncio.run_coroutine_threadsafe(execute(function, event), app._MAIN_LOOP).result()

    return execute_on_loop


async def anywhere(function: JsonObject, event: Any) -> JsonObject:
    """Calls a function of any runtime from the event loop; see `execute`."""
    if _is_of_node(_config(function)):
        return await execute(function, event)
    return await asyncio.to_thread(lambda_svc._execute_function, function, event)


def _config(function: JsonObject) -> JsonObject:
    config: JsonObject = function.get("config") or function
    return config


def _is_of_node(config: JsonObject) -> bool:
    return config.get("PackageType") != "Image" and str(config.get("Runtime", "")).startswith("nodejs")


async def execute(function: JsonObject, event: Any) -> JsonObject:
    """Calls a function, in the place of Lambda's `_execute_function`; a caller that goes away does not end the call.

    Returns:
        Lambda's record of the call: its result or error as `body`, its `log`, and whether it was throttled.
    """
    task = asyncio.get_running_loop().create_task(_execute(function, event))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await asyncio.shield(task)


async def _execute(function: JsonObject, event: Any) -> JsonObject:
    config = _config(function)
    with request_scope(*lambda_runtime._account_region_from_function_config(config)):
        slot, limit = await _environments.acquire(function, config)
        if slot is None:
            return _throttled(config["FunctionName"], limit)
        request, began = new_uuid(), time.time()
        try:
            outcome = await _call(function, config, event, request)
        finally:
            _environments.release(slot)
        milliseconds = int((time.time() - began) * 1000)
        lambda_svc._emit_lambda_logs(function, request, outcome["log"], bool(outcome.get("error")), milliseconds)
        return outcome


def _throttled(name: str, limit: str | None) -> JsonObject:
    lambda_svc._emit_lambda_metrics(name, duration_ms=0.0, error=False, throttle=True)
    whose = "ReservedFunction" if limit == "function" else ""
    response: JsonObject = lambda_svc._throttle_response(
        f"{whose}ConcurrentInvocationLimitExceeded", f"Rate Exceeded: as many calls of {name} run as may"
    )
    return response


async def _call(function: JsonObject, config: JsonObject, event: Any, request: str) -> JsonObject:
    """Calls a function in a process that nobody else uses meanwhile, which is started if there is none."""
    lambda_svc._ensure_reaper_thread()
    call = {
        "event": event,
        "ctx": {
            "request_id": request,
            "invoked_function_arn": config["FunctionArn"],
            "timeout_ms": config["Timeout"] * 1000,
            "trace_id": lambda_svc._xray_trace_id_for_invocation(config),
            "depth": lambda_svc._invoke_depth.get(),
        },
    }
    worker, _ = lambda_runtime.acquire_worker(
        config["FunctionName"], config, function["code_zip"], qualifier=config.get("Version", "$LATEST")
    )
    try:
        return await _call_in(worker, call, config["Timeout"])
    finally:
        lambda_runtime.release_worker(worker)


async def _call_in(worker: Any, call: JsonObject, timeout: float) -> JsonObject:
    """Calls a function in a process; one whose call fails is ended, as MiniStack does."""
    try:
        pipes = await _started(worker)
    except Exception as error:
        await asyncio.to_thread(lambda_runtime.kill_workers, [worker])
        return _failed(str(error), type(error).__name__)
    try:
        answer = await within(timeout, pipes.ask(call))
    except TimeoutError:
        answer = {"error": f"Task timed out after {timeout}.00 seconds", "type": "Sandbox.Timedout"}
    except ValueError as error:
        # A line that is longer than any answer. What is left of it must not answer the next call.
        answer = {"error": str(error)}
    if answer.get("status") == "ok":
        return {"body": answer.get("result"), "log": await pipes.read_log()}
    await asyncio.to_thread(lambda_runtime.kill_workers, [worker])
    message = answer.get("error", "Unknown error")
    log = filter(None, [await pipes.read_log(), answer.get("trace", message)])
    return _failed(message, answer.get("type", "Runtime.HandlerError"), "\n".join(log))


def _failed(message: str, kind: str, log: str = "") -> JsonObject:
    return {"body": {"errorMessage": message, "errorType": kind}, "error": True, "log": log}


async def _started(worker: Any) -> _Pipes:
    """Returns the pipes of a worker's process, which is started unless it runs.

    Raises:
        RuntimeError: The function cannot be loaded, or not in time.
    """
    loop = asyncio.get_running_loop()
    if worker._proc is None or worker._proc.poll() is not None:
        starting = loop.run_in_executor(_starting, contextvars.copy_context().run, worker._spawn)
        try:
            await within(_LOAD_PATIENCE_SECONDS, starting)
        except TimeoutError:
            # Whoever ends the process lets the thread go on, too.
            raise RuntimeError(f"The function did not load within {_LOAD_PATIENCE_SECONDS:.0f} s") from None
    process: Popen[str] = worker._proc
    if process not in _pipes:
        calls, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, process.stdin)
        _pipes[process] = _Pipes(calls, await _reader(process.stdout), await _reader(process.stderr))
    return _pipes[process]


async def _reader(pipe: Any) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(_LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader
