"""Tells when a call of a Node.js function has written all of its log.

MiniStack waits until nothing has come for 5 ms, looking every millisecond. A prediction is three calls, one inside the
other, so that was a third of its time. A function writes its log before its answer, so a mark behind the log says the
same at once.
"""

from __future__ import annotations

END = b"\0end\n"
_SETTLED = "        settled = true;\n"


def marking(script: str) -> str:
    """Adds the mark to the program that runs Node.js functions."""
    marked = script.replace(_SETTLED, f'{_SETTLED}        _stderrWrite("\\u0000end\\n");\n')
    if marked == script:
        raise RuntimeError("MiniStack's program for Node.js functions is another than expected.")
    return marked
