"""Keeps the state of every service in one file, so that the emulator survives its own death."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ministack.core import persistence

from . import MINISTACK_VERSION, changes
from .kept import journal, locks, queues, tables
from .states import started

_log = logging.getLogger(__name__)

_FORMAT = 1
_INTERVAL = 3.0
# A snapshot holds Python's lock while it is serialised, and costs what all of the emulator's state costs to write, so a
# slow one is made less often.
_MAX_SHARE = 0.03
# A service may change its store while it is copied; then the copy is made again.
_TRIES = 5

# Services, by MiniStack's names in snapshots, that the journal tells of.
_JOURNALLED = {"sqs", "dynamodb", "lambda", "s3"}

States = Mapping[str, Callable[[], Any]]


class Snapshots:
    """The newest snapshot and the one before it.

    The file's first line is a header with a digest of the rest; each further line is one service. It is replaced as a
    whole, so that what is restored belongs together, whenever the process ended.
    """

    def __init__(self, folder: Path) -> None:
        """Reads the newest good snapshot, if there is one."""
        self._file = folder / "snapshot.jsonl"
        self._previous = folder / "snapshot.previous.jsonl"
        self._lines = self._read_newest()
        self._digest = _digest(self._lines)
        self._lock = threading.Lock()
        self.started = started.Started(folder / "executions")
        self.journal = journal.Journal(folder / "journal")

    def _read_newest(self) -> dict[str, str]:
        for path in (self._file, self._previous):
            try:
                return _read(path)
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                _log.warning("The snapshot %s cannot be used and is passed over: %s", path, error)
        return {}

    def load(self, service: str) -> Any:
        """Returns the state of a service, or None. Takes the place of MiniStack's `load_state`."""
        line = self._lines.get(service)
        state = json.loads(line, object_hook=persistence._json_object_hook)["state"] if line else None
        return self.started.added_to(state) if service == started.SERVICE else state

    def restoring(self, load: Callable[[], None]) -> Callable[[], None]:
        """Wraps MiniStack's `_load_persisted_state`: what was told since the snapshot is added to it."""

        def load_persisted_state() -> None:
            load()
            queues.restore(self.journal.read)
            tables.restore(self.journal.read)
            locks.restore(self.journal.read)
            journal.use(self.journal)

        return load_persisted_state

    def save(self, states: States) -> None:
        """Writes a snapshot if it differs from the last. Takes the place of MiniStack's `save_all`."""
        with self._lock:
            # A service that cannot be saved, or has not been loaded, keeps what it had.
            held = self.started.files()
            journals = self.journal.begin()
            fresh = {name: line for name, get in states.items() if (line := _line(name, get))}
            lines = {**self._lines, **fresh}
            digest = _digest(lines)
            if not fresh.keys() >= _JOURNALLED:
                # The snapshot will hold something older than what these tell.
                journals = []
            if digest == self._digest:
                _remove(journals)
                return
            header = json.dumps({"format": _FORMAT, "ministack": MINISTACK_VERSION, "sha256": digest})
            partial = self._file.with_suffix(".partial")
            with partial.open("w", encoding="utf-8") as file:
                file.write("\n".join((header, *lines.values())))
                file.flush()
                os.fsync(file.fileno())
            if self._file.exists():
                # A second name for it, so that there is no moment without a snapshot.
                self._previous.unlink(missing_ok=True)
                os.link(self._file, self._previous)
            partial.replace(self._file)
            self._lines, self._digest = lines, digest
            if started.SERVICE in fresh:
                _remove(held)
            _remove(journals)

    def run(self, states: Callable[[], States], stopped: threading.Event) -> None:
        """Saves every few seconds when something has changed, until stopped."""
        pause = _INTERVAL
        while not stopped.wait(pause):
            if not changes.take():
                continue
            started = time.monotonic()
            try:
                self.save(states())
            except OSError as error:
                _log.warning("No snapshot could be written: %s", error)
                changes.mark()
            pause = max(_INTERVAL, (time.monotonic() - started) / _MAX_SHARE)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, str]:
    """Reads the lines of a snapshot by service.

    Raises:
        OSError: No such file.
        ValueError: It is damaged, or of another version.
    """
    head, *rest = path.read_text(encoding="utf-8").split("\n")
    header = json.loads(head)
    lines = {json.loads(line)["service"]: line for line in rest}
    if (header["format"], header["ministack"]) != (_FORMAT, MINISTACK_VERSION):
        raise ValueError(f"it is of format {header['format']} and MiniStack {header['ministack']}")
    if header["sha256"] != _digest(lines):
        raise ValueError("its digest is wrong")
    return lines


def _digest(lines: Mapping[str, str]) -> str:
    return hashlib.sha256("\n".join(lines.values()).encode()).hexdigest()


def _line(service: str, get_state: Callable[[], Any]) -> str | None:
    for attempt in range(_TRIES):
        try:
            state = get_state()
            return (
                json.dumps({"service": service, "state": state}, default=persistence._json_default) if state else None
            )
        except RuntimeError:  # a dictionary changed its size while it was iterated
            time.sleep(0.01 * attempt)
        except (TypeError, ValueError) as error:
            _log.warning("The state of %s cannot be saved: %s", service, error)
            return None
    _log.warning("The state of %s changes too fast to be saved", service)
    return None
