"""MiniStack's ASGI application with our start, our end and our own paths around it."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack

from . import admin, changes, hooks, processes, queue_metrics, retention
from .alarms import evaluation
from .bodies import Body
from .guard import Guard, Headers, Refusal
from .sagemaker import endpoints, invocation_metrics, jobs
from .sagemaker.processing import ProcessingJob
from .sagemaker.training import TrainingJob
from .sagemaker.transform import TransformJob
from .settings import Settings
from .snapshot import Snapshots
from .threads import start

Scope = dict[str, Any]

_READS = ("BatchGet", "Describe", "Get", "List", "Query", "Scan")
# Paths that are called often and whose effects arrive as requests of their own.
_DATA_PLANE = ("/endpoints/", "/_aws/execute-api/")
# Longer than clients keep an idle connection (Go: 90 s): a request must not meet a connection that is being closed.
_KEEP_ALIVE_SECONDS = 300
_OBJECTS_BEFORE_COLLECTION = 20_000
_JSON = (b"content-type", b"application/json")


def _changes_state(scope: Scope) -> bool:
    """Tells whether a request may change what a snapshot holds; when in doubt it does."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS") or scope["path"].startswith(_DATA_PLANE):
        return False
    target = dict(scope["headers"]).get(b"x-amz-target", b"").decode("latin-1").rpartition(".")[2]
    return not target.startswith(_READS)


class Application:
    """The ASGI application."""

    def __init__(self, snapshots: Snapshots, guard: Guard) -> None:
        self._snapshots = snapshots
        self._guard = guard
        self._stopped = threading.Event()
        # The event loop itself holds tasks only weakly.
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answers one request, or runs the server's life."""
        if scope["type"] == "lifespan":
            await ministack.app(scope, receive, self._around_lifespan(send))
            return
        if refusal := self._guard.refusal(scope):
            await _refuse(scope, send, refusal)
            return
        if scope["type"] != "http":
            await ministack.app(scope, receive, send)
            return
        body = Body(scope, receive)
        if not body.refusal:
            await self._take(scope, body.receive, send)
        if body.refusal:
            await _answer(send, *body.refusal)

    async def _take(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["path"].startswith("/_vwt/"):
            if (body := await _body(receive)) is not None:
                await _answer(send, *admin.answer(scope["method"], scope["path"], body))
            return
        if _changes_state(scope):
            changes.mark()
        await ministack.app(scope, receive, send)

    def _around_lifespan(self, send: Any) -> Any:
        async def around(message: Scope) -> None:
            if message["type"] == "lifespan.startup.complete":
                await self._start()
            if message["type"] == "lifespan.shutdown.complete":
                self._stopped.set()
                processes.kill_all()
            await send(message)

        return around

    async def _start(self) -> None:
        """Runs after MiniStack has restored its state and before the port answers."""
        for kind in (TrainingJob, ProcessingJob, TransformJob):
            jobs.fail_interrupted(kind)
        await asyncio.to_thread(endpoints.restore)
        start(self._snapshots.run, ministack._build_persistence_save_dict, self._stopped)
        works = (evaluation.watch, invocation_metrics.publish, queue_metrics.publish, retention.keep)
        self._tasks = [asyncio.create_task(work()) for work in works]


async def _refuse(scope: Scope, send: Any, refusal: Refusal) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    else:
        await _answer(send, refusal.status, refusal.body, (_JSON, *refusal.headers))


async def _answer(send: Any, status: int, body: bytes, more: Headers = (_JSON,)) -> None:
    headers = [(b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _body(receive: Any) -> bytes | None:
    """Receives the whole body; None when its end will not come."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def run(settings: Settings, listener: socket.socket) -> None:
    """Serves on a bound socket, which it takes over, until SIGINT or SIGTERM."""
    snapshots = Snapshots(settings.state)
    guard = Guard(settings.token, auth=settings.auth)
    hooks.install(snapshots, guard)
    # Modules and AWS's models stay. By itself Python looks for garbage after every 700 new objects, at each request.
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = _KEEP_ALIVE_SECONDS
    config.graceful_timeout = 2
    asyncio.run(serve(Application(snapshots, guard), config))
