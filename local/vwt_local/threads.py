"""Moves work between the event loop and threads, with the request's account and region in place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from ministack import app
from ministack.core.concurrency import spawn_background

P = ParamSpec("P")
T = TypeVar("T")


def start(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Thread:
    """Runs blocking work in a thread of its own; an exception is logged.

    Returns:
        The thread, which has been started.
    """
    thread: Thread = spawn_background(work, *args, thread_name=f"vwt-{work.__name__}", **kwargs)
    return thread


def on_loop(work: Callable[[], T]) -> T:
    """Runs `work` on the event loop from another thread and waits: nothing on the loop can run in between."""

    async def call() -> T:
        return work()

    return asyncio.run_coroutine_threadsafe(call(), app._MAIN_LOOP).result()


def serially(work: Callable[[], T]) -> T:
    """Runs `work` on the event loop wherever it is called, so that it never meets a request; here without a server."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work() if app._MAIN_LOOP is None else on_loop(work)
    return work()


def call_service(service: str, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Calls a service of the emulator in this process, from a thread, unauthenticated.

    Returns:
        Status and body.
    """
    handler: Any = app.SERVICE_HANDLERS[service]
    status, _, answer = app.call_service_handler_sync(handler, method, path, headers, body, {})
    return status, answer if isinstance(answer, bytes) else bytes(answer)
