"""Inputs of the evaluation: rows that a model can learn from, and boosters that did."""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb

import samples
from vwt_local.processes import Container

_CONTAINERS = Path(__file__).parents[1]
# The program's files by their names in its folder, as modules/bundling/evaluation.ts uploads them.
SOURCES = {
    path.relative_to(root).as_posix(): path
    for root, folder in ((_CONTAINERS / "jobs", "."), (_CONTAINERS / "common", "vwt_common"))
    for path in sorted((root / folder).rglob("*"))
    if path.suffix in (".json", ".py")
}
FEATURES = 5
AGE = 0


def table(count: int, seed: int, task: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Returns label and features; the first feature is an age, every ninth field is missing."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, FEATURES)).astype(np.float32)
    features[:, AGE] = random.integers(18, 80, count)
    signal = features[:, 1] + 0.03 * features[:, AGE] - 2
    labels = random.random(count) < 1 / (1 + np.exp(-signal))
    amounts = np.where(labels, np.exp(signal + 1).round(2), 0)
    rows = np.column_stack((labels if task == "binary" else amounts, features)).astype(np.float32)
    rows[:, 1:].flat[::9] = np.nan
    return rows


def split(rows: np.ndarray[Any, np.dtype[np.float32]], weights: object = 1) -> bytes:
    """Returns rows of label and features as a part of a split, where the weight stands after the label."""
    return text(np.insert(rows, 1, weights, axis=1)).encode()


def text(rows: np.ndarray[Any, np.dtype[np.float32]]) -> str:
    line = ",".join(rows.shape[1] * ["%.9g"]) + "\n"
    return "".join(line % tuple(row) for row in rows.tolist())


@functools.cache
def booster(task: str, seed: int, rounds: int, features: int = FEATURES) -> bytes:
    rows = table(1500, seed, task)
    objective = "binary:logistic" if task == "binary" else "reg:squarederror"
    matrix = xgb.DMatrix(rows[:, 1 : 1 + features], rows[:, 0])
    return bytes(xgb.train({"objective": objective, "max_depth": 3}, matrix, rounds).save_raw("ubj"))


@functools.cache
def files(task: str) -> dict[str, bytes]:
    """Returns the job's inputs by path below `processing/`: two parts, groups, two models."""
    test, validation = table(600, 1, task), table(500, 2, task)
    groups = ["18-24", "25-34", ""]
    context = [f"{groups[i % 3]},{'female' if i % 2 else 'male'},GB\n" for i in range(600)]
    header = "ageBand,gender,country\n"
    # Two rows of each player.
    latest = [f"18-24,female,GB,{i % 100:x},{('train', 'test')[i % 2]}\n" for i in range(200)]
    return {
        "test/a.csv": split(test[:250]),
        "test/b.csv": split(test[250:]),
        "validation/a.csv": split(validation),
        "context/a.csv": (header + "".join(context[:250])).encode(),
        "context/b.csv": (header + "".join(context[250:])).encode(),
        "out-of-time/cut.json": b'{"from":1788220800000}',
        "out-of-time/c.csv": split(table(200, 5, task), 0.5),
        "out-of-time/context/c.csv": ("ageBand,gender,country,player,split\n" + "".join(latest)).encode(),
        "candidate/model.tar.gz": samples.archive(booster(task, 3, 20)),
        "champion/model.tar.gz": samples.archive(booster(task, 4, 2)),
    }


def write(root: Path, contents: dict[str, bytes]) -> None:
    for path, content in contents.items():
        target = root / "processing" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def copy_program(folder: Path) -> Path:
    """Copies the program to a folder; returns the folder."""
    for name, path in SOURCES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / name)
    return folder


def run_program(root: Path, program: Path, *arguments: str) -> tuple[int, str]:
    """Runs a program as the emulator would; returns its exit code and what it printed."""
    lines: list[str] = []
    code = Container(program, root, {}, lines.append, arguments).wait()
    return code, "\n".join(lines)


def json_file(path: Path) -> Any:
    """Returns the content of a file that is JSON without the constants that JSON does not have."""

    def refuse(constant: str) -> float:
        raise AssertionError(f"{constant} is no JSON.")

    return json.loads(path.read_text(), parse_constant=refuse)
