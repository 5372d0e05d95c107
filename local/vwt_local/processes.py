"""Runs containers as child processes, by SageMaker's contract and without Docker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .threads import start
from .zygote import CHILD, Forked, Zygote

_HERE = Path(__file__).parent

# Variables that a program needs of this machine. It gets no other of the emulator's, credentials least of all.
_INHERITED = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "VIRTUAL_ENV")
# A SageMaker instance has its cores for itself; here many programs share them, and one whose threads spin while they
# wait for each other takes ten times as long. numpy starts threads at its import, which no process may have that forks.
_SHARED_CORES = {"OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"}
_ENVIRONMENT = {
    **{name: os.environ[name] for name in _INHERITED if name in os.environ},
    **_SHARED_CORES,
    "PYTHONUNBUFFERED": "1",
}

# Linux kills a child when the thread that started it ends (PR_SET_PDEATHSIG), so one lasting thread starts them all.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vwt-starter")

_zygote = Zygote(_ENVIRONMENT)

_running: set[Container] = set()

_held: set[str] = set()


def hold(programs: object) -> list[str]:
    """Has programs stop as they start, in the place of those held so far, so that a test catches the shortest.

    Args:
        programs: Their files' names, such as `train`.

    Returns:
        The names.

    Raises:
        ValueError: It is no list of names.
    """
    if not isinstance(programs, list) or not all(isinstance(name, str) for name in programs):
        raise ValueError(f'Send ["<file name of a program>"], not {programs!r}.')
    _held.clear()
    _held.update(programs)
    return programs


def _start(command: list[str], environment: Mapping[str, str]) -> Forked | subprocess.Popen[bytes]:
    return _zygote.fork(command, environment) or subprocess.Popen(
        [sys.executable, str(CHILD), *command],
        env={**_ENVIRONMENT, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


class Container:
    """A running `train`, `serve` or program of a processing job.

    Attributes:
        pid: The id of the process.
        last_line: The last line it printed: the cause, when it died at the start.
    """

    def __init__(
        self,
        program: Path,
        ml_root: Path,
        environment: Mapping[str, str],
        write_log: Callable[[str], None],
        arguments: Sequence[str] = (),
    ) -> None:
        """Starts the program with an `/opt/ml` of its own.

        Args:
            program: The absolute path of a Python program.
            ml_root: The folder that stands for `/opt/ml`.
            environment: Variables of the container.
            write_log: Takes every line it prints, without line end.
            arguments: The program's arguments.
        """
        command = [str(program), *arguments]
        held = {"VWT_HELD": "yes"} if program.name in _held else {}
        own = {**environment, **held, "SM_ML_ROOT": str(ml_root)}
        self._process = _starter.submit(_start, command, own).result()
        self.pid = self._process.pid
        self.last_line = ""
        self._write_log = write_log
        self._logged = threading.Event()
        _running.add(self)
        start(self._copy_output)

    def _copy_output(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  # for the type checker: it was asked for above
        try:
            for line in self._process.stdout:
                self.last_line = line.decode(errors="replace").rstrip("\r\n")
                self._write_log(self.last_line)
        finally:
            self._process.stdout.close()
            self._logged.set()

    @property
    def alive(self) -> bool:
        """Tells whether the process runs, or is stopped by a signal."""
        return self._process.poll() is None

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the process and its last line.

        Returns:
            The exit code; minus the signal's number when one ended it.

        Raises:
            subprocess.TimeoutExpired: It still runs after `timeout` seconds.
        """
        code = self._process.wait(timeout)
        self._logged.wait()
        _running.discard(self)
        if self._process.stdin:
            self._process.stdin.close()
        return code

    def stop(self, grace: float) -> None:
        """Sends SIGTERM, and SIGKILL when the process still runs after `grace` seconds."""
        if self.alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            self.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Ends it at once."""
        self._process.kill()


def bound_popen(command: list[str], **options: Any) -> subprocess.Popen[Any]:
    """Starts a command that ends with the emulator, as `subprocess.Popen` does; for MiniStack's Lambda functions."""
    bound = [sys.executable, "-I", "-S", str(_HERE / "bound.py"), *command]
    return _starter.submit(lambda: subprocess.Popen(bound, **options)).result()


def kill_all() -> None:
    """Ends every container; for the emulator's own end."""
    for container in list(_running):
        container.kill()
    _zygote.end()
