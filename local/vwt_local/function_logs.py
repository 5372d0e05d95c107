"""Tells when a call of a Node.js function has written all of its log.

MiniStack reads a function's standard error in a thread of its own, and once the answer is there waits until nothing has
come for 5 ms, looking every millisecond. A prediction is three calls, one inside the other, so that was a third of its
time. A function writes its log before its answer, so a mark behind the log says the same at once.
"""

from __future__ import annotations

import queue
import time
from typing import Any

_END = "\u0000end"
_SETTLED = "        settled = true;\n"
# Bounds the wait for a call that ends otherwise than by its answer. How fast a machine is must not cut a log.
_PATIENCE_SECONDS = 5.0
_LOOK_SECONDS = 0.05


def marking(script: str) -> str:
    """Adds the mark to the program that runs Node.js functions."""
    marked = script.replace(_SETTLED, f'{_SETTLED}        _stderrWrite("\\u0000end\\n");\n')
    if marked == script:
        raise RuntimeError("MiniStack's program for Node.js functions is another than expected.")
    return marked


def read_log(worker: Any) -> str:
    """Takes the place of `Worker._drain_stderr_bounded`: the lines of the call that has just been answered."""
    lines: list[str] = []
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            line = worker._stderr_queue.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            if not worker._stderr_thread.is_alive():
                break
            continue
        if line == _END:
            break
        lines.append(line)
    return "\n".join(lines)
