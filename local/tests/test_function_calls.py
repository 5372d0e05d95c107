"""Calls of functions on the event loop, in processes that only seem to be."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

import emulator as e
from vwt_local import function_calls
from vwt_local.concurrency import Environments
from vwt_local.function_logs import END

CONFIG = {
    "FunctionName": "called",
    "FunctionArn": f"arn:aws:lambda:{e.REGION}:{e.ACCOUNT}:function:called",
    "Runtime": "nodejs22.x",
    "Timeout": 300,
}
FUNCTION = {"config": CONFIG, "code_zip": b"zip"}


# A library's words, an object as Node.js prints it, one as JSON, and half of one.
_NO_ANSWERS = b"a library's words\n{ a: 1 }\n" + b'{"level":"info"}\n{"status":"ok"\n'


class Pipes:
    """The pipes of a process that answers a call once the loop has done all else that it has to do."""

    def __init__(self) -> None:
        self.answers, self.log = asyncio.StreamReader(), asyncio.StreamReader()

    def write(self, line: bytes) -> None:
        event = json.loads(line)["event"]
        if event == "flood":
            self.answers.feed_data(b"x" * 100)
        elif event != "silence":
            asyncio.get_running_loop().call_later(0, self._answer, event)

    def _answer(self, event: Any) -> None:
        self.log.feed_data(f"about {event}\n".encode() + END)
        self.answers.feed_data(_NO_ANSWERS + json.dumps({"status": "ok", "result": event}).encode() + b"\n")


class Processes:
    """The processes that were started, by their workers."""

    def __init__(self) -> None:
        self.pipes: dict[Any, function_calls._Pipes] = {}
        self.logs: list[str] = []
        self.ended: list[Any] = []

    async def started(self, worker: Any) -> function_calls._Pipes:
        if worker not in self.pipes:
            await asyncio.sleep(0)
            process: Any = Pipes()
            self.pipes[worker] = function_calls._Pipes(process, process.answers, process.log)
        return self.pipes[worker]

    def end(self, workers: list[Any]) -> None:
        for worker in workers:
            self.ended.append(worker)
            self.pipes.pop(worker).log.feed_eof()


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Processes:
    made = Processes()
    monkeypatch.setattr(function_calls, "_started", made.started)
    monkeypatch.setattr(function_calls, "_environments", Environments(most=2))
    monkeypatch.setattr(lambda_runtime, "kill_workers", made.end)
    monkeypatch.setattr(lambda_runtime, "_workers", {})
    monkeypatch.setattr(lambda_svc, "_emit_lambda_logs", lambda *call: made.logs.append(call[2]))
    monkeypatch.setattr(lambda_svc, "_ensure_reaper_thread", lambda: None)
    return made


def test_a_burst_waits_for_the_processes_that_there_may_be_and_none_of_it_is_refused(processes: Processes) -> None:
    async def burst() -> list[Any]:
        return await asyncio.gather(*(function_calls.execute(FUNCTION, n) for n in range(60)))

    assert [outcome["body"] for outcome in asyncio.run(burst())] == list(range(60))
    assert len(processes.pipes) == 2
    assert sorted(processes.logs) == sorted(f"about {n}" for n in range(60))


def test_what_is_beyond_the_queue_is_throttled(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function_calls, "_environments", Environments(most=2, queue=3))

    async def burst() -> list[Any]:
        return await asyncio.gather(*(function_calls.execute(FUNCTION, n) for n in range(6)))

    *answered, throttled = asyncio.run(burst())
    assert [outcome["body"] for outcome in answered] == list(range(5))
    assert (throttled["throttle"], throttled["body"]["Reason"]) == (True, "ConcurrentInvocationLimitExceeded")
    assert len(processes.pipes) == 2


def test_a_reserved_limit_throttles_at_once(processes: Processes) -> None:
    refused = asyncio.run(function_calls.execute({**FUNCTION, "concurrency": 0}, 1))
    assert refused["body"]["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert not processes.pipes


def test_a_call_that_takes_too_long_ends_with_its_process_and_the_next_one_has_another(processes: Processes) -> None:
    async def calls() -> list[Any]:
        hasty = {**FUNCTION, "config": {**CONFIG, "Timeout": 0}}
        return [await function_calls.execute(hasty, "silence"), await function_calls.execute(FUNCTION, 2)]

    late, answered = asyncio.run(calls())
    assert (late["error"], late["body"]["errorType"]) == (True, "Sandbox.Timedout")
    assert answered["body"] == 2
    assert len(processes.ended) == 1
    assert lambda_svc.executions_in_flight() == (0, {})


def test_a_call_whose_answer_has_no_end_fails_and_the_next_one_is_not_answered_by_its_rest(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asyncio.StreamReader
    monkeypatch.setattr(asyncio, "StreamReader", lambda: made(limit=40))

    async def calls() -> list[Any]:
        return [await function_calls.execute(FUNCTION, event) for event in ("flood", 2)]

    flooded, answered = asyncio.run(calls())
    assert flooded["error"]
    assert answered["body"] == 2
    assert len(processes.ended) == 1


def test_a_function_that_does_not_load_is_waited_for_no_longer_than_others_can_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()

    class Worker:
        _proc = None

        def _spawn(self) -> None:
            ended.wait()

    monkeypatch.setattr(function_calls, "_LOAD_PATIENCE_SECONDS", 0.01)
    with pytest.raises(RuntimeError, match="did not load"):
        asyncio.run(function_calls._started(Worker()))
    ended.set()


def test_a_caller_that_goes_away_does_not_end_the_call(processes: Processes) -> None:
    async def calls() -> None:
        caller = asyncio.create_task(function_calls.execute(FUNCTION, 1))
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        await asyncio.gather(*function_calls._running)

    asyncio.run(calls())
    assert processes.logs == ["about 1"]
    assert lambda_svc.executions_in_flight() == (0, {})
