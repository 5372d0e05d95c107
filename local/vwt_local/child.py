"""Runs programs as children that never outlive the emulator, whatever ends it.

Usage:
    `python child.py <program> <argument>…` runs one program. Standard input is a pipe whose other end only the emulator
    holds.
    `python child.py` is the zygote, which imports what takes our programs the longest, and then forks a child for each
    request that arrives at the socket which is its standard input. `zygote.py` has the other end.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
# A third of a second of each start. Nothing of the programs' own, which each of them reads from where it lies.
_IMPORTED = ("numpy.random", "waitress", "xgboost")
_LONGEST_REQUEST = 1 << 20


def _process_control(option: int, value: object) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def _end_with_parent() -> None:
    # Reaches even a stopped process.
    _process_control(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _exit_at_end_of_input() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


def _run(program: str, *arguments: str) -> None:
    """Runs a program as `python <program> <argument>…` would."""
    # Elsewhere than on Linux, and for an emulator that died too early: its end of the pipe closes.
    threading.Thread(target=_exit_at_end_of_input, daemon=True).start()
    if os.environ.pop("VWT_HELD", None):
        os.kill(os.getpid(), signal.SIGSTOP)
    sys.argv = [program, *arguments]
    sys.path.insert(0, os.path.dirname(program))
    runpy.run_path(program, run_name="__main__")


def _next_child() -> list[str]:
    """Forks a child for every request, and tells how it ended; exits when the emulator ends.

    Returns:
        In the children, and never in the zygote: the program to run and its arguments.
    """
    zygote = os.getpid()
    control = socket.socket(fileno=0)
    # By a descriptor that is ready once the child has ended: the child, and where to say how.
    children: dict[int, tuple[int, int]] = {}
    waiting = select.poll()
    waiting.register(control, select.POLLIN)
    while True:
        for ready, _ in waiting.poll():
            if ready in children:
                pid, status = children.pop(ready)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with suppress(BrokenPipeError):
                    os.write(status, b"%d\n" % code)
                waiting.unregister(ready)
                os.close(ready)
                os.close(status)
                continue
            request, descriptors, _, _ = socket.recv_fds(control, _LONGEST_REQUEST, 3)
            if not request:
                os._exit(0)
            *streams, status = descriptors
            pid = os.fork()
            if not pid:
                control.detach()
                return _born(zygote, json.loads(request), *streams)
            os.write(status, b"%d\n" % pid)
            child = os.pidfd_open(pid)
            children[child] = pid, status
            waiting.register(child, select.POLLIN)
            for stream in streams:
                os.close(stream)


def _born(zygote: int, request: dict[str, Any], stdin: int, stdout: int) -> list[str]:
    """Makes of a forked process what a started one would be."""
    _end_with_parent()
    if os.getppid() != zygote:
        os._exit(1)
    for theirs, its in ((stdin, 0), (stdout, 1), (stdout, 2)):
        os.dup2(theirs, its)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.environ.update(request["environment"])
    # Python gives each child random numbers of its own, numpy does not.
    importlib.import_module("numpy.random").seed()
    command: list[str] = request["command"]
    _process_control(_PR_SET_NAME, os.path.basename(command[0]).encode())
    return command


if __name__ == "__main__":
    _end_with_parent()
    # This file's folder, whose modules are no program's business.
    sys.path.pop(0)
    command = sys.argv[1:]
    if not command:
        # Sent to the emulator's whole group; the zygote ends when the emulator has ended.
        usual = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
        for name in _IMPORTED:
            importlib.import_module(name)
        if len(os.listdir("/proc/self/task")) > 1:
            # Only the thread that forks would be in the child, with what the others had locked.
            sys.exit("child.py: An import has started threads; programs are started one by one.")
        # Memory that is never looked at again stays shared.
        gc.freeze()
        command = _next_child()
        for number, handler in usual.items():
            signal.signal(number, handler)
    _run(*command)
