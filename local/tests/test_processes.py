"""Programs that the zygote forks, beside the same programs started by themselves."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

import emulator as e
from vwt_local.processes import Container, hold
from vwt_local.zygote import Forked

# A variable that OpenMP reads when it is loaded, so that no fork will do.
WAYS = {Forked: {"VWT_X": "1"}, subprocess.Popen: {"VWT_X": "1", "OMP_NUM_THREADS": "2"}}
ABOUT_ITSELF = """
import json, os, signal, sys, threading
import numpy
handlers = {s.name: str(signal.getsignal(s)) for s in signal.Signals if s != signal.SIGKILL}
print(json.dumps({
    "environment": {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"},
    "arguments": sys.argv, "path": sys.path, "name": __name__, "folder": os.getcwd(), "group": os.getpgid(0),
    "input": os.isatty(0), "descriptors": [n for n in range(64) if os.path.exists(f"/proc/self/fd/{n}")],
    "handlers": handlers, "blocked": [s.name for s in signal.pthread_sigmask(signal.SIG_BLOCK, ())],
    "threads": threading.active_count(), "tasks": len(os.listdir("/proc/self/task")), "nice": os.nice(0),
    "cores": sorted(os.sched_getaffinity(0)), "foreign": [name for name in sys.modules if name.startswith("vwt_")],
    "unbuffered": sys.stdout.write_through, "random": numpy.random.random(),
}))
"""


def run(root: Path, text: str, environment: dict[str, str], *arguments: str) -> tuple[Container, list[str]]:
    program = root / "program"
    program.write_text(text)
    lines: list[str] = []
    return Container(program, root, environment, lines.append, arguments), lines


def test_a_fork_is_as_if_it_had_been_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    found: list[dict[str, Any]] = []
    for way in (Forked, Forked, subprocess.Popen):
        container, lines = run(tmp_path, ABOUT_ITSELF, WAYS[way], "--of", "itself")
        assert isinstance(container._process, way)
        assert container.wait() == 0, lines
        found.append(json.loads(lines[0]))
    assert len({each.pop("random") for each in found}) == 3
    assert found[0] == found[1] == found[2]
    assert found[0]["path"][0] == str(tmp_path)
    assert str(e.REPOSITORY / "local" / "vwt_local") not in found[0]["path"]
    assert found[0]["descriptors"] == [0, 1, 2]
    assert found[0]["environment"].keys() & {"AWS_SECRET_ACCESS_KEY", "SM_ML_ROOT", "VWT_X"} == {"SM_ML_ROOT", "VWT_X"}


@pytest.mark.parametrize("way", WAYS)
def test_it_ends_as_if_it_had_been_started(tmp_path: Path, way: type) -> None:
    for text, code, last in (
        ("", 0, ""),
        ("import sys; sys.exit(3)", 3, ""),
        ("import sys; print('out'); sys.exit('no')", 1, "no"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import atexit; atexit.register(print, 'bye')", 0, "bye"),
        ("import threading; threading.Timer(0.01, print, ['late']).start()", 0, "late"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, ""),
        ("import os; os.abort()", -signal.SIGABRT, ""),
    ):
        container, lines = run(tmp_path, text, WAYS[way])
        assert (container.wait(), container.last_line) == (code, last), lines


@pytest.mark.parametrize("programs", ["train", {"train": True}, [1], None])
def test_held_are_programs_by_their_names(programs: object) -> None:
    with pytest.raises(ValueError, match="file name of a program"):
        hold(programs)
