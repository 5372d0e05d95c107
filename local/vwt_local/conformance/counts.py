"""Counts the requests that were checked, and what was wrong with some, for `/_vwt/conformance`."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any

from . import models, patterns

# Enough for a whole test run; a loop that fails for ever must not fill the memory.
_REMEMBERED = 1000

_checked: Counter[tuple[str, str]] = Counter()
_refused: Counter[tuple[str, str]] = Counter()
_unread: Counter[str] = Counter()
_violations: deque[dict[str, str]] = deque(maxlen=_REMEMBERED)


def checked(service: str, operation: str) -> None:
    """Counts a request that was held against its model."""
    _checked[service, operation] += 1


def refused(service: str, operation: str, text: str) -> None:
    """Remembers a request that AWS would refuse."""
    _refused[service, operation] += 1
    _violations.append({"service": service, "operation": operation, "text": text})


def unread(what: str) -> None:
    """Counts a request that no model describes, so that nobody takes it for checked."""
    _unread[what] += 1


def report() -> dict[str, Any]:
    """Returns everything counted since the emulator started."""
    return {
        "botocore": models.VERSION,
        "requests": sum(_checked.values()),
        "operations": len(_checked),
        "services": len({service for service, _ in _checked}),
        "violations": list(_violations),
        "unread": dict(_unread),
        "unreadablePatterns": patterns.unreadable(),
        "byOperation": {
            f"{service}:{operation}": {"requests": count, "refused": _refused[service, operation]}
            for (service, operation), count in sorted(_checked.items())
        },
    }
