"""Replaces itself by a command that Linux kills with its parent.

Usage: `python bound.py <program> <argument>…`. Elsewhere than on Linux the command must end with its standard input.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    if sys.platform == "linux":
        # Kept by exec, and reaches even a stopped process.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  # no shell is what is wanted
