"""Remembers that something worth keeping has changed since the last snapshot."""

from __future__ import annotations

import threading

_changed = threading.Event()


def mark() -> None:
    """Asks for a snapshot; cheap, callable from any thread."""
    _changed.set()


def take() -> bool:
    """Whether anything changed since the last call."""
    changed = _changed.is_set()
    _changed.clear()
    return changed
