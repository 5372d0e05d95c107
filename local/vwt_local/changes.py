"""Remembers that something worth keeping has changed since the last snapshot."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

_changed = threading.Event()


def mark() -> None:
    """Asks for a snapshot; cheap, callable from any thread."""
    _changed.set()


def take() -> bool:
    """Tells whether anything has changed since the last call."""
    changed = _changed.is_set()
    _changed.clear()
    return changed


def marking(act: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a function of MiniStack's that changes what is kept."""

    def act_and_mark(*arguments: Any) -> Any:
        mark()
        return act(*arguments)

    return act_and_mark
