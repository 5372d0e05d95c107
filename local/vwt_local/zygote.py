"""Starts Python programs as forks of one process that has imported what takes them the longest."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

CHILD = Path(__file__).with_name("child.py")
# Variables that our programs and SageMaker's read. Others may be meant for what is imported before a fork.
_READ_LATE = ("MAX_CONTENT_LENGTH", "PROCESSING_JOB_", "SAGEMAKER_", "SM_", "TRAINING_JOB_", "VWT_")


class Forked:
    """A program that the zygote forked, as `subprocess.Popen` shows one of its own.

    Attributes:
        pid: The id of the process.
        stdin: The emulator's end of its standard input.
        stdout: Its standard output and errors.
    """

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes], status: IO[bytes]) -> None:
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self._status = status
        self._lock = threading.Lock()
        self._code: int | None = None

    def poll(self) -> int | None:
        """Returns the exit code, None while it runs."""
        return self.wait() if self._has_ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end.

        Returns:
            The exit code; minus the signal's number when one ended it.

        Raises:
            subprocess.TimeoutExpired: It still runs after `timeout` seconds.
        """
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        with self._lock:
            if self._code is None:
                # Nothing to read: the zygote is gone, and Linux has killed its children.
                self._code = int(self._status.readline() or -signal.SIGKILL)
            return self._code

    def _has_ended(self, timeout: float | None) -> bool:
        waiting = select.poll()
        waiting.register(self._status, select.POLLIN)
        return bool(waiting.poll(None if timeout is None else timeout * 1000))

    def send_signal(self, number: int) -> None:
        """Sends it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it at once."""
        self.send_signal(signal.SIGKILL)


class Zygote:
    """The process that forks; started with the first program, by a thread that must last, and ended with it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Starts nothing yet.

        Args:
            environment: Variables that all its children have.
        """
        self._environment = environment
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def _started(self) -> socket.socket:
        if not self._control:
            self._control, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with its:
                self._process = subprocess.Popen(
                    [sys.executable, str(CHILD)], env=self._environment, stdin=its.fileno(), stdout=subprocess.DEVNULL
                )
        return self._control

    def fork(self, command: Sequence[str], environment: Mapping[str, str]) -> Forked | None:
        """Runs a program; blocks until it has a process.

        Args:
            command: The program and its arguments.
            environment: Variables that it has besides.

        Returns:
            None when it must be started otherwise: it has variables that may be read before a fork, the zygote is gone,
            or this is not Linux.
        """
        own = environment.items() - self._environment.items()
        # Elsewhere a process that has loaded the system's own libraries may not fork without an exec.
        if sys.platform != "linux" or not all(name.startswith(_READ_LATE) for name, _ in own):
            return None
        request = json.dumps({"command": command, "environment": dict(environment)})
        stdin, stdout, status = (os.pipe() for _ in range(3))
        its = stdin[0], stdout[1], status[1]
        with suppress(OSError):
            socket.send_fds(self._started(), [request.encode()], its)
        for descriptor in its:
            os.close(descriptor)
        ends = os.fdopen(stdin[1], "wb", 0), os.fdopen(stdout[0], "rb"), os.fdopen(status[0], "rb")
        pid = ends[2].readline()
        return Forked(int(pid), *ends) if pid else None

    def end(self) -> None:
        """Ends it, and all that it has forked. Blocks."""
        if self._control and self._process:
            self._control.close()
            self._process.wait()
