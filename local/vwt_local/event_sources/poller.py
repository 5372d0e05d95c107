"""Wakes the readers of event sources: when a source gains something, when a call ends, and when a pause is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ministack import app
from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from ..deadlines import within
from ..kept import queues as kept
from . import queues, streams
from .sources import Source

_log = logging.getLogger(__name__)

_READERS = {"sqs": queues.read, "dynamodb": streams.read}

_woken = asyncio.Event()
# The event loop itself holds tasks only weakly.
_tasks: set[asyncio.Task[None]] = set()


def on_loop(_ensure: Callable[[], None]) -> Callable[[], None]:
    """Takes the place of Lambda's `_ensure_poller`, which starts a thread."""
    return wake


def waking(tell: Callable[[], None]) -> Callable[[], None]:
    """Wraps `esm_wake.set`, which all that fills a source calls."""

    def tell_and_wake() -> None:
        kept.keep_new()
        tell()
        wake()

    return tell_and_wake


def wake() -> None:
    """Lets the readers look at their sources; callable from any thread, and before the server starts."""
    loop = app._MAIN_LOOP
    if loop is not None and not _woken.is_set():
        loop.call_soon_threadsafe(_wake)


def _wake() -> None:
    _woken.set()
    if not _tasks:
        task = asyncio.get_running_loop().create_task(_poll())
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)


async def _poll() -> None:
    while True:
        _woken.clear()
        soonest = min(filter(None, map(_read, _sources())), default=None)
        if soonest is None:
            await _woken.wait()
            continue
        try:
            await within(max(0.0, soonest - queues.now()), _woken.wait())
        except TimeoutError:
            continue


def _sources() -> list[Source]:
    return [Source(account, region, mapping) for (account, region, _), mapping in lambda_svc._esms.all_items()]


def _read(source: Source) -> float | None:
    """Lets one source be read; one that fails must not keep the others from it."""
    reader = _READERS.get(source.service)
    if reader is None or not source.mapping.get("Enabled", True):
        return None
    with request_scope(source.account, source.region):
        try:
            return reader(source, wake)
        except Exception:
            _log.exception("The event source %s cannot be read", source.arn)
            return queues.now() + 1
