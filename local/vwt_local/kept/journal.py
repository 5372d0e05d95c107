"""Writes facts to files before requests are answered, and reads them again after a start.

A file is written by one system call for each request, which outlives the process: no `kill -9` loses any of it. A
machine that loses power may lose its last seconds, as with snapshots.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ministack.core import persistence

from .. import changes

# Its kind, and what that kind's `apply` takes.
Fact = tuple[Any, ...]


class Journal:
    """A folder of files, of which the newest is written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._file: int | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, facts: Iterable[Fact]) -> None:
        """Writes facts that belong together: either all of them are found again, or none."""
        line = json.dumps(list(facts), default=persistence._json_default).encode() + b"\n"
        with self._lock:
            if self._file is None:
                self._file = os.open(self._next(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.write(self._file, line)
        changes.mark()

    def _next(self) -> Path:
        newest = max((int(path.stem) for path in self._folder.glob("*.jsonl")), default=0)
        return self._folder / f"{newest + 1:010d}.jsonl"

    def begin(self) -> list[Path]:
        """Begins a new file; returns those before it, which a snapshot that is made from now on holds."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None
            return sorted(self._folder.glob("*.jsonl"))

    def read(self, apply: dict[str, Callable[..., None]]) -> None:
        """Reads facts in their order.

        Args:
            apply: What to do with a fact, by its kind, where it is one to read; it may be in the state already.
        """
        for path in sorted(self._folder.glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
                if not line.endswith("\n"):
                    # Cut off as the emulator ended: nobody was answered.
                    continue
                for kind, *told in json.loads(line, object_hook=persistence._json_object_hook):
                    if kind in apply:
                        apply[kind](*told)


_journal: Journal | None = None


def use(journal: Journal) -> None:
    """Sets the journal of this process; once, at the start. Without one nothing is written."""
    global _journal
    _journal = journal


def write(*facts: Fact) -> None:
    """Writes facts that belong together."""
    if _journal is not None and facts:
        _journal.write(facts)
