"""The labelling's program: what it reads, writes and says."""

from __future__ import annotations

import functools
import json
import math
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

import automatic_labels
import samples
from evaluation_inputs import booster, copy_program, json_file, run_program, split, text, write
from test_container import dense
from vwt_common import contract
from vwt_evaluate.values import JobError
from vwt_label import lines, main
from vwt_xgboost.data import read_channel

FEATURES = 5
WEIGHTS = (1, 0.5, 1 / 3, 0.25, 1 / 7)
SPLITS = ("train", "train", "validation", "train", "test")
# Of 3,000 lines.
IN_TRAIN = [index for index in range(3000) if SPLITS[index % len(SPLITS)] == "train"]
ARGUMENTS = ("--model", "risk", "--version", "20261123-1", "--labels", "both")
Table = np.ndarray[Any, np.dtype[np.float32]]


def table(count: int, seed: int) -> Table:
    """Returns label and features; the first two features tell most of it, every ninth field is missing."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, FEATURES))
    labels = random.random(count) < 1 / (1 + np.exp(-6 * (features[:, 0] + features[:, 1])))
    rows = np.column_stack((labels, features)).astype(np.float32)
    rows[:, 1:].flat[::9] = np.nan
    return rows


@functools.cache
def model(seed: int = 0) -> bytes:
    rows = table(4000, 1000 + seed)
    parameters = {"objective": "binary:logistic", "max_depth": 4}
    return bytes(xgb.train(parameters, xgb.DMatrix(rows[:, 1:], rows[:, 0]), 40).save_raw("ubj"))


def unlabelled(rows: Table) -> list[bytes]:
    """Returns the lines of `unlabelled/` of these rows, whose labels they do not have."""
    return [
        json.dumps(
            {
                "task": f"{index:032x}",
                "playerId": f"zoë-{index}",
                "operatorId": "o",
                "asOf": "2026-11-01T00:00:00Z",
                "split": SPLITS[index % len(SPLITS)],
                "context": "18-24,f,NL",
                "weight": WEIGHTS[index % len(WEIGHTS)],
                "row": row,
            },
            ensure_ascii=False,
        ).encode()
        for index, row in enumerate(text(rows[:, 1:]).splitlines())
    ]


def inputs(seed: int, count: int = 3000) -> tuple[dict[str, bytes], Table, list[bytes]]:
    """Returns the job's inputs by path below `processing/`, the unlabelled rows with their truth, and their lines."""
    contents, rows, some = _inputs(seed, count)
    return dict(contents), rows.copy(), some


@functools.cache
def _inputs(seed: int, count: int) -> tuple[dict[str, bytes], Table, list[bytes]]:
    rows = table(count, 2000 + seed)
    some = unlabelled(rows)
    half = count // 3
    contents = {
        "validation/a.csv": split(table(4000, 3000 + seed)),
        "model/model.tar.gz": samples.archive(model(seed)),
        "unlabelled/a-0.jsonl": b"\n".join(some[:half]),
        "unlabelled/a-1.jsonl": b"\r\n".join([*some[half:], b""]),
    }
    return contents, rows, some


def label(root: Path, *arguments: str) -> Any:
    """Labels in this process; returns the report."""
    main.run(root, [*ARGUMENTS, *arguments])
    return json_file(root / "processing" / "output" / "report" / "automatic.json")


def start(root: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Starts the program as its container would."""
    return subprocess.run(
        [sys.executable, str(folder / "label.py"), *arguments],
        env={"SM_ML_ROOT": str(root), "PATH": "/usr/bin:/bin", "OMP_WAIT_POLICY": "passive"},
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
    )


def output(root: Path) -> dict[str, bytes]:
    folder = root / "processing" / "output"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def people(root: Path) -> list[bytes]:
    return output(root)["people/part-0.jsonl"].splitlines()


def scores(rows: Table) -> list[float]:
    return [float(s) for s in xgb.Booster(model_file=bytearray(model())).inplace_predict(rows[:, 1:])]


def test_a_copy_of_the_folder_labels_what_it_is_sure_of(tmp_path: Path) -> None:
    copy = copy_program(tmp_path / "elsewhere")
    contents, rows, some = inputs(0)
    write(tmp_path, contents)
    done = start(tmp_path, copy, *ARGUMENTS, "--maximum-people", "40")
    assert done.returncode == 0, done.stderr
    assert list(output(tmp_path)) == ["people/part-0.jsonl", "report/automatic.json", "train/automatic-0.csv"]
    report = json_file(tmp_path / "processing" / "output" / "report" / "automatic.json")
    high, low = report["positive"]["threshold"], report["negative"]["threshold"]

    # Everything again, line by line.
    answers = scores(rows)
    csv = text(rows[:, 1:]).splitlines()
    sure = {i: 1 if s >= high else 0 for i, s in enumerate(answers) if s >= high or s <= low}
    train = {i: value for i, value in sure.items() if i in IN_TRAIN}
    written = output(tmp_path)["train/automatic-0.csv"].decode().splitlines()
    assert written == [f"{value},{WEIGHTS[i % len(WEIGHTS)]},{csv[i]}" for i, value in train.items()]
    middle = (high + low) / 2
    unsure = sorted((i for i in IN_TRAIN if i not in sure), key=lambda i: abs(answers[i] - middle))
    assert people(tmp_path) == [some[i] for i in unsure[:40]]

    validation = table(4000, 3000)
    assert report == {
        "schemaVersion": 1,
        "model": "risk",
        "version": "20261123-1",
        "unlabelled": 3000,
        "validationRows": 4000,
        "validationPositives": int(validation[:, 0].sum()),
        "precision": 0.95,
        "confidence": 0.95,
        "positive": {
            "threshold": high,
            "labelled": list(train.values()).count(1),
            "estimatedPrecision": pytest.approx(
                np.mean(validation[np.array(scores(validation)) >= high, 0].astype(float))
            ),
            "lowerBound": pytest.approx(0.956, abs=0.006),
        },
        "negative": {
            "threshold": low,
            "labelled": list(train.values()).count(0),
            "estimatedPrecision": pytest.approx(0.96, abs=0.015),
            "lowerBound": pytest.approx(0.956, abs=0.006),
        },
        # Labels of other splits would judge models, so nobody is asked for them.
        "notUsed": 3000 - len(IN_TRAIN),
        "toPeople": 40,
        "left": len(unsure) - 40,
    }
    assert min(report["positive"]["labelled"], report["negative"]["labelled"], len(sure) - len(train)) > 300


@pytest.mark.parametrize(("precision", "least"), [("0.95", 0.95), ("0.9", 0.9)])
def test_automatic_labels_are_as_precise_as_asked_for(tmp_path: Path, precision: str, least: float) -> None:
    kept = []
    for seed in range(8):
        contents, rows, _ = inputs(seed, 6000)
        write(tmp_path, contents)
        report = label(tmp_path, "--precision", precision)
        truth = dict(zip(text(rows[:, 1:]).splitlines(), rows[:, 0].tolist(), strict=True))
        labelled = [line.split(",", 2) for line in output(tmp_path)["train/automatic-0.csv"].decode().splitlines()]
        assert len(labelled) == report["positive"]["labelled"] + report["negative"]["labelled"]
        for value in ("0", "1"):
            right = [truth[row] == float(value) for found, _, row in labelled if found == value]
            assert len(right) > 500
            kept.append(sum(right) / len(right) >= least)
    assert sum(kept) >= 15


def test_the_trainings_channel_takes_the_labels(tmp_path: Path) -> None:
    contents, rows, _ = inputs(0)
    write(tmp_path, contents)
    report = label(tmp_path)
    channel = read_channel(tmp_path / "processing" / "output" / "train", "train", weights=True)
    labels, features = dense(channel)
    assert features.shape == (report["positive"]["labelled"] + report["negative"]["labelled"], FEATURES)
    assert labels.sum() == report["positive"]["labelled"]
    known = np.nan_to_num(rows[:, 1:])
    # XGBoost's own parser may miss the last digit.
    assert all(np.isclose(known, row, rtol=1e-6).all(axis=1).any() for row in np.nan_to_num(features))


@pytest.mark.parametrize("missing", ["", "nan"])
def test_xgboosts_own_parser_keeps_columns_that_are_missing_in_every_row(tmp_path: Path, missing: str) -> None:
    contents, rows, _ = inputs(0)
    rows[:, -1] = np.nan
    some = [line.replace(b"nan", missing.encode()) for line in unlabelled(rows)]
    write(tmp_path, {**contents, "unlabelled/a-0.jsonl": b"\n".join(some), "unlabelled/a-1.jsonl": b""})
    report = label(tmp_path)
    path = tmp_path / "processing" / "output" / "train" / "automatic-0.csv"
    # As the built-in container reads a channel: `get_csv_dmatrix` in its data_utils.py.
    matrix = xgb.DMatrix(f"{path}?format=csv&label_column=0&delimiter=,&weight_column=1")
    labelled = report["positive"]["labelled"] + report["negative"]["labelled"]
    assert (matrix.num_row(), matrix.num_col()) == (labelled, FEATURES)


def test_batches_and_parts_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents, _, _ = inputs(0)
    found = []
    for batch, size in ((20_000, 32 * 1024 * 1024), (20_000, 32 * 1024 * 1024), (7, 1000)):
        monkeypatch.setattr(lines, "BATCH_ROWS", batch)
        monkeypatch.setattr(contract, "PART_BYTES", size)
        write(tmp_path, contents)
        label(tmp_path)
        files = output(tmp_path)
        parts = [files.pop(f"train/automatic-{n}.csv") for n in range(len(files) - 2)]
        assert all(0 < len(part) <= size and part.endswith(b"\n") for part in parts)
        found.append((files, b"".join(parts)))
    assert found[0] == found[1] == found[2]
    assert len(parts) > 20


@pytest.mark.parametrize(("wanted", "values"), [("none", set()), ("positives", {"1"}), (None, set())])
def test_only_labels_that_are_wanted_are_given_and_people_get_the_same(
    tmp_path: Path, wanted: str | None, values: set[str]
) -> None:
    contents, _, _ = inputs(0, 900)
    write(tmp_path, contents)
    both = label(tmp_path)
    asked = people(tmp_path)
    (tmp_path / "processing" / "output" / "train" / "automatic-0.csv").unlink()
    # By default there are none: see LABELLING.md.
    arguments = [*ARGUMENTS[:-2], *(("--labels", wanted) if wanted else ())]
    main.run(tmp_path, arguments)
    report = json_file(tmp_path / "processing" / "output" / "report" / "automatic.json")
    rows = output(tmp_path).get("train/automatic-0.csv", b"").decode().splitlines()
    assert {row.split(",")[0] for row in rows} == values
    assert (report["positive"]["labelled"], report["negative"]["labelled"]) == (len(rows), 0)
    others = [sum(each[of]["labelled"] for of in ("positive", "negative")) + each["notUsed"] for each in (both, report)]
    assert others[0] == others[1]
    assert people(tmp_path) == asked


@pytest.mark.parametrize("maximum", [0, 1, 10_000])
def test_people_get_no_more_than_the_maximum(tmp_path: Path, maximum: int) -> None:
    contents, _, _ = inputs(0, 900)
    write(tmp_path, contents)
    report = label(tmp_path, "--maximum-people", str(maximum))
    labelled = sum(report[member]["labelled"] for member in ("positive", "negative"))
    assert labelled + report["notUsed"] + report["toPeople"] + report["left"] == report["unlabelled"] == 900
    assert report["toPeople"] == len(people(tmp_path)) == min(maximum, report["toPeople"] + report["left"])
    assert (report["left"] > 0) == (maximum < 10_000)


@pytest.mark.parametrize("reason", ["few rows", "a poor model"])
def test_without_thresholds_people_get_the_highest_scores(tmp_path: Path, reason: str) -> None:
    contents, rows, some = inputs(0)
    validation = table(100 if reason == "few rows" else 4000, 5)
    if reason == "a poor model":
        validation[:, 0] = np.random.default_rng(6).random(len(validation)) < 0.4
    contents["validation/a.csv"] = split(validation)
    write(tmp_path, contents)
    report = label(tmp_path)
    none = {"threshold": None, "labelled": 0, "estimatedPrecision": None, "lowerBound": None}
    assert (report["positive"], report["negative"], report["notUsed"]) == (none, none, 3000 - len(IN_TRAIN))
    assert (report["toPeople"], report["left"]) == (500, len(IN_TRAIN) - 500)
    assert list(output(tmp_path)) == ["people/part-0.jsonl", "report/automatic.json"]
    answers = scores(rows)
    # Equal scores in the order of the lines.
    assert people(tmp_path) == [some[i] for i in sorted(IN_TRAIN, key=lambda i: (-answers[i], i))[:500]]


@pytest.mark.parametrize("some", [{}, {"unlabelled/a-0.jsonl": b"\n", "unlabelled/b-0.jsonl": b""}])
def test_nothing_may_be_unlabelled(tmp_path: Path, some: dict[str, bytes]) -> None:
    contents = {path: content for path, content in inputs(0)[0].items() if not path.startswith("unlabelled/")}
    write(tmp_path, {**contents, **some})
    report = label(tmp_path)
    counts = [report[member] for member in ("unlabelled", "notUsed", "toPeople", "left")]
    assert counts + [report[member]["labelled"] for member in ("positive", "negative")] == 6 * [0]
    assert report["positive"]["threshold"] > report["negative"]["threshold"]
    assert people(tmp_path) == []
    assert list(output(tmp_path)) == ["people/part-0.jsonl", "report/automatic.json"]


def test_the_memory_needed_is_that_of_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BATCH_ROWS", 20)
    monkeypatch.setattr(contract, "PART_BYTES", 20_000)
    contents, _, some = inputs(0)
    contents["validation/a.csv"] = split(table(600, 8))
    # Long lines, because what is traced takes its time for each of them.
    content = b"\n".join(line.replace(b'"o"', b'"' + 1500 * b"o" + b'"') for line in some)
    write(tmp_path, {**contents, "unlabelled/a-0.jsonl": content, "unlabelled/a-1.jsonl": b""})
    tracemalloc.start()
    report = label(tmp_path, "--maximum-people", "50")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report["unlabelled"] == 3000
    assert peak < 1_000_000 < 4_000_000 < len(content)


def line(**changes: Any) -> bytes:
    return json.dumps({"split": "train", "row": "1,2,3,4,5", "weight": 1, **changes}).encode()


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"validation/a.csv": b""}, "The validation data has no rows."),
        ({"validation/a.csv": b"1,1,1,1,1,1,1\n"}, "The validation data has one class only (1)"),
        ({"validation/a.csv": b"1,1,1,1\n0,1,1,1\n"}, "cannot be used: It has 5 features, the rows have 2."),
        ({"model/model.tar.gz": b"x"}, "The labelling model cannot be used: The archive cannot be read"),
        ({"model/model.tar.gz": samples.archive(booster("regression", 4, 9))}, "which are no probabilities."),
        ({"model/other.tar.gz": b""}, "One archive of it is needed, there are 2."),
        (
            {"unlabelled/b.jsonl": b"\n{}\n"},
            "Line 2 of the file b.jsonl cannot be labelled: it has no row or no split.",
        ),
        ({"unlabelled/b.jsonl": line() + b"\n{\n"}, "Line 2 of the file b.jsonl cannot be labelled: it is no JSON."),
        ({"unlabelled/b.jsonl": b'"\xff"'}, "it is no JSON."),
        ({"unlabelled/b.jsonl": 100_000 * b"["}, "it is no JSON."),
        ({"unlabelled/b.jsonl": b"[]"}, "it is no object."),
        ({"unlabelled/b.jsonl": line(split="all")}, "it has no row or no split."),
        ({"unlabelled/b.jsonl": line(split=["train"])}, "it has no row or no split."),
        ({"unlabelled/b.jsonl": line(row=[1])}, "it has no row or no split."),
        *(
            ({"unlabelled/b.jsonl": line(weight=weight)}, "it has no weight above 0 and up to 1.")
            for weight in (None, "1", True, 0, -1, 1.5, math.nan)
        ),
        ({"unlabelled/b.jsonl": line() + b"\n" + line(row="1,2,3")}, "Line 2 of the file b.jsonl"),
        ({"unlabelled/b.jsonl": line(row="1,2,3")}, "its row is not CSV of 5 finite numbers."),
        ({"unlabelled/b.jsonl": line(row="")}, "its row is not CSV of 5 finite numbers."),
        ({"unlabelled/b.jsonl": line(row="1,2,x,4,5")}, "its row is not CSV of 5 finite numbers."),
        ({"unlabelled/b.jsonl": line(row="1,2,inf,4,5")}, "its row is not CSV of 5 finite numbers."),
        ({"unlabelled/b.jsonl": line(row="1,2,3,4,5\n1,2,3,4,5")}, "its row is not CSV of 5 finite numbers."),
        ({"unlabelled/b.jsonl": line(row="1,2,3,4,5\r")}, "its row is not CSV of 5 finite numbers."),
    ],
)
def test_failures_say_why_and_leave_nothing(tmp_path: Path, changes: dict[str, bytes], cause: str) -> None:
    write(tmp_path, {**inputs(0, 60)[0], **changes})
    with pytest.raises(JobError, match=re.escape(cause)):
        label(tmp_path)
    assert output(tmp_path) == {}


def test_a_broken_line_far_behind_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BATCH_ROWS", 10)
    monkeypatch.setattr(contract, "PART_BYTES", 1000)
    write(tmp_path, {**inputs(0, 600)[0], "unlabelled/b.jsonl": line() + b"\n" + line(row="secret")})
    with pytest.raises(JobError, match=r"Line 2 of the file b\.jsonl") as failure:
        label(tmp_path)
    assert "secret" not in str(failure.value)
    assert output(tmp_path) == {}


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("--precision", "0.5"), "above 0.5 and below 1"),
        (("--precision", "1"), "above 0.5 and below 1"),
        (("--confidence", "95"), "above 0.5 and below 1"),
        (("--maximum-people", "-1"), "0 or more"),
        (("--colour", "red"), "unrecognized arguments"),
    ],
)
def test_wrong_arguments_say_why(tmp_path: Path, arguments: tuple[str, ...], cause: str) -> None:
    with pytest.raises(JobError, match=re.escape(cause)):
        label(tmp_path, *arguments)


def test_a_failure_leaves_a_message(tmp_path: Path) -> None:
    write(tmp_path, {**inputs(0, 60)[0], "validation/a.csv": b""})
    code, printed = run_program(tmp_path, copy_program(tmp_path / "program") / "label.py", *ARGUMENTS)
    message = (tmp_path / "output" / "message").read_text()
    assert (code, message) == (1, "The validation data has no rows.")
    assert printed == message


@pytest.mark.parametrize("patience", [{}, {"early_stopping_rounds": 5}])
def test_the_simulation_of_automatic_labels_trains_models_of_either_kind(
    monkeypatch: pytest.MonkeyPatch, patience: dict[str, int]
) -> None:
    monkeypatch.setattr(automatic_labels, "SPLITS", {"train": 900, "validation": 600, "test": 900})
    told = {"objective": "binary:logistic", "eval_metric": "logloss", "csv_weights": 1, "num_round": 20, **patience}
    found = dict(automatic_labels.sample(np.random.default_rng(1), automatic_labels.WORLDS[0], told))
    assert list(found) == list(automatic_labels.ADDED)
    assert all(0.5 < each["auroc"] <= 1 and each["ratio"] > 0 for each in found.values())
