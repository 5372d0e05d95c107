"""Bounds how long something is waited for.

`asyncio.wait_for` makes a task of what it waits for, on Pythons before 3.12 even where nothing has to be waited for: a
prediction had 22 of them, a twentieth of the emulator's time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Waits for work, which is cancelled when the time is over.

    Raises:
        TimeoutError: It took longer.
    """
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  # for the type checker: who awaits is a task
    is_late = False

    def cancel() -> None:
        nonlocal is_late
        is_late = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(seconds, cancel)
    try:
        return await work
    except asyncio.CancelledError:
        if is_late:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
