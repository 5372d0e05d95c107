"""Runs a program as a child that never outlives its parent, whatever ends the parent.

Usage: `python child.py <program>`, standard input being a pipe whose other end only the parent holds.
"""

import ctypes
import os
import runpy
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    if sys.platform == "linux":
        # Reaches even a stopped process.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Elsewhere, and for a parent that died before the line above: its end of the pipe closes.
    threading.Thread(target=_exit_at_end_of_input, daemon=True).start()


def _exit_at_end_of_input() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    _end_with_parent()
    sys.argv = sys.argv[1:]
    # As `python <program>` would have it: the program's folder first, and not this one's.
    sys.path[0] = os.path.dirname(sys.argv[0])
    runpy.run_path(sys.argv[0], run_name="__main__")
