"""The evaluation's program: what it reads, writes and says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

import naive
import samples
from evaluation_inputs import (
    AGE,
    FEATURES,
    booster,
    copy_program,
    files,
    json_file,
    run_program,
    table,
    write,
)
from vwt_evaluate import main
from vwt_evaluate.values import JobError

ARGUMENTS = ("--model", "risk", "--candidate-version", "2", "--champion-version", "1")


def evaluate(root: Path, *arguments: str) -> None:
    """Evaluates in this process."""
    main.run(root, [*ARGUMENTS, *(arguments or ("--task", "binary"))])


def start(root: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Starts the program as its container would."""
    return subprocess.run(
        [sys.executable, str(folder / "evaluate.py"), *arguments, *ARGUMENTS],
        env={"SM_ML_ROOT": str(root), "PATH": "/usr/bin:/bin", "OMP_WAIT_POLICY": "passive"},
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
    )


def result(root: Path, name: str = "evaluation") -> Any:
    return json_file(root / "processing" / "output" / f"{name}.json")


def report(root: Path) -> str:
    return (root / "processing" / "output" / "report.html").read_text()


def test_a_copy_of_the_folder_scores_what_the_endpoint_answers(tmp_path: Path) -> None:
    copy = copy_program(tmp_path / "elsewhere")
    write(tmp_path, files("binary"))
    done = start(tmp_path, copy, "--task", "binary", "--age-feature", str(AGE), "--alert-budget", "0.1")
    assert done.returncode == 0, done.stderr
    found = result(tmp_path)
    rows = table(600, 1, "binary")
    labels = rows[:, 0].tolist()
    assert found["data"] == {
        "rows": 600,
        "rowsAvailable": 600,
        "validationRows": 500,
        "validationRowsAvailable": 500,
        "features": FEATURES,
        "meanLabel": pytest.approx(np.mean(labels)),
        "validationMeanLabel": pytest.approx(table(500, 2, "binary")[:, 0].mean()),
        "positives": int(sum(labels)),
        "players": 600,
    }
    for name, seed, rounds in (("candidate", 3, 20), ("champion", 4, 2)):
        scores = xgb.Booster(model_file=bytearray(booster("binary", seed, rounds))).inplace_predict(rows[:, 1:])
        metrics = found[name]["metrics"]
        assert metrics["auroc"]["value"] == pytest.approx(naive.auroc(labels, scores.tolist()), abs=1e-6)
        assert metrics["brier"] == pytest.approx(np.mean((scores.astype(float) - labels) ** 2), abs=1e-6)
        groups = found[name]["subgroups"]
        assert [each["rows"] for each in groups["gender"]["groups"]] == [300, 300]
        assert groups["country"]["gap"] is None
    assert (found["candidate"]["version"], found["champion"]["version"]) == ("2", "1")
    areas = [found[name]["metrics"]["auroc"]["value"] for name in ("candidate", "champion")]
    assert found["differences"]["champion"]["auroc"]["value"] == pytest.approx(areas[0] - areas[1])


def test_what_became_of_the_records_is_told(tmp_path: Path) -> None:
    write(tmp_path, files("binary"))
    evaluate(tmp_path, "--task", "binary", "--age-feature", "none")
    assert result(tmp_path)["records"] is None
    reason = {"reason": "/a<b> is missing", "lines": 1200, "key": "records/<a>.jsonl", "line": 7}
    numbers = {"labelled": 0, "positives": 0, "unlabelled": 0, "observed": 0, "observedPositives": 0, "players": 0}
    operators = [
        {**numbers, "operator": "a", "unlabelled": 60},
        {
            **numbers,
            "operator": "b<",
            "labelled": 400,
            "positives": 30,
            "observed": 200,
            "observedPositives": 7,
            "players": 90,
        },
    ]
    summary = {
        "lines": 9000,
        "rejected": 1200,
        "reasons": [reason],
        "inWords": "9000 read & 1200 rejected",
        "operators": operators,
    }
    write(tmp_path, {"records/summary.json": json.dumps(summary).encode()})
    evaluate(tmp_path, "--task", "binary", "--age-feature", "none", "--horizon-days", "90")
    assert (result(tmp_path)["records"], result(tmp_path)["horizonDays"]) == (summary, 90)
    page = report(tmp_path)
    assert "9000 read &amp; 1200 rejected" in page
    assert "1\u2009200 \u00d7 /a&lt;b&gt; is missing" in page
    assert "first in records/&lt;a&gt;.jsonl, line 7" in page
    assert "<dt>Horizon</dt><dd>90 days</dd>" in page
    cells = ["400", "7.5 %", "200", "3.5 %", "90", "0"], ["0", "\u2013", "0", "\u2013", "0", "60"]
    rows = [
        f'<th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in row)
        for name, row in zip(("b&lt;", "a"), cells, strict=True)
    ]
    assert f"<tr>{rows[0]}</tr><tr>{rows[1]}</tr>" in page


def test_the_latest_records_are_a_second_test(tmp_path: Path) -> None:
    write(tmp_path, files("binary"))
    evaluate(tmp_path, "--task", "binary", "--age-feature", str(AGE))
    found = result(tmp_path)
    latest = found["outOfTime"]
    rows = table(200, 5, "binary")
    assert latest["from"] == "2026-09-01"
    assert {name: latest["data"][name] for name in ("rows", "players", "positives", "validationRows")} == {
        "rows": 200,
        "players": 100,
        "positives": int(rows[:, 0].sum()),
        "validationRows": 500,
    }
    scores = xgb.Booster(model_file=bytearray(booster("binary", 3, 20))).inplace_predict(rows[:, 1:])
    area = latest["candidate"]["metrics"]["auroc"]
    assert area["value"] == pytest.approx(naive.auroc(rows[:, 0].tolist(), scores.tolist()), abs=1e-6)
    # Intervals take the two rows of a player together.
    assert area["low"] < area["value"] < area["high"]
    groups = latest["candidate"]["subgroups"]["split"]["groups"]
    assert [(each["group"], each["rows"]) for each in groups] == [("test", 100), ("train", 100)]
    # All else as of the first test.
    assert set(latest) - {"from"} == {"data", "candidate", "champion", "baselines", "differences"} <= set(found)
    for members in (found, latest):
        assert list(members["baselines"]) == ["constant", "age"]
        assert set(members["differences"]) == {"champion", "constant", "age"}
    page = report(tmp_path)
    assert "The latest records, from 2026-09-01 on, of all players: 200 rows of 100 players" in page
    assert "Split of the player, candidate" in page


@pytest.mark.parametrize(
    ("contents", "first", "why"),
    [
        ({}, None, "no labelled record is as late"),
        ({"cut.json": b'{"from":null,"why":"all labelled records are of one day"}'}, None, "are of one day"),
        ({"cut.json": b'{"from":1788220800000}'}, "2026-09-01", "no labelled record is as late"),
        (
            {
                "cut.json": b'{"from":1788220800000}',
                "a.csv": 3 * b"0,1,1,1,1,1,1\n",
                "context/a.csv": b"split\n" + 3 * b"train\n",
            },
            "2026-09-01",
            "has one class only (0)",
        ),
    ],
)
def test_why_the_latest_records_cannot_be_tested_with_is_told(
    tmp_path: Path, contents: dict[str, bytes], first: str | None, why: str
) -> None:
    others = {path: content for path, content in files("binary").items() if not path.startswith("out-of-time/")}
    write(tmp_path, {**others, **{f"out-of-time/{path}": content for path, content in contents.items()}})
    evaluate(tmp_path)
    latest = result(tmp_path)["outOfTime"]
    assert latest.keys() == {"from", "unmeasured"}
    assert (latest["from"], why in latest["unmeasured"]) == (first, True)
    assert f"{why}.</p>" in report(tmp_path)


def test_baselines_need_no_model(tmp_path: Path) -> None:
    write(tmp_path, files("binary"))
    evaluate(tmp_path, "--task", "binary", "--age-feature", str(AGE))
    found = result(tmp_path)["baselines"]
    rows, validation = table(600, 1, "binary"), table(500, 2, "binary")
    base = float(validation[:, 0].mean())
    assert found["constant"]["metrics"]["brier"] == pytest.approx(np.mean((rows[:, 0] - base) ** 2), abs=1e-6)
    assert found["constant"]["metrics"]["auroc"]["value"] == 0.5

    def band(age: float) -> int:
        return -1 if np.isnan(age) else sum(age > limit for limit in (24, 34, 44, 54, 64))

    def rate(wanted: int) -> float:
        same = [float(row[0]) for row in validation if band(row[1 + AGE]) == wanted]
        return (sum(same) + base) / (len(same) + 1)

    rates = {each: rate(each) for each in range(-1, 6)}
    scores = [rates[band(row[1 + AGE])] for row in rows]
    expected = naive.auroc(rows[:, 0].tolist(), scores)
    assert found["age"]["metrics"]["auroc"]["value"] == pytest.approx(expected, abs=1e-6)
    assert found["age"]["metrics"]["meanScore"] == pytest.approx(np.mean(scores), abs=1e-6)
    evaluate(tmp_path, "--task", "binary", "--age-feature", "none")
    assert list(result(tmp_path)["baselines"]) == ["constant"]


def test_amounts(tmp_path: Path) -> None:
    write(tmp_path, files("regression"))
    evaluate(tmp_path, "--task", "regression")
    found = result(tmp_path)
    labels, validation = table(600, 1, "regression")[:, 0], table(500, 2, "regression")[:, 0]
    assert found["baselines"]["mean"]["metrics"]["mae"]["value"] == pytest.approx(
        np.abs(labels - validation.mean()).mean(), abs=1e-5
    )
    assert found["baselines"]["median"]["metrics"]["meanScore"] == pytest.approx(np.median(validation), abs=1e-5)
    one = {"value": 1.0, "low": 1.0, "high": 1.0}
    assert found["baselines"]["mean"]["metrics"]["topDecileLift"] == pytest.approx(one)
    lift, difference = found["candidate"]["metrics"]["topDecileLift"], found["differences"]["champion"]["mae"]
    assert 1 < lift["low"] < lift["value"] < lift["high"] < 10
    assert difference["low"] < difference["value"] < difference["high"]


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_the_same_inputs_make_the_same_files(tmp_path: Path, task: str) -> None:
    write(tmp_path, files(task))
    written = []
    for _ in range(2):
        evaluate(tmp_path, "--task", task)
        sample = json_file(tmp_path / "processing" / "reference" / "training.json")
        written.append((result(tmp_path), result(tmp_path, "baseline"), sample, report(tmp_path)))
    assert written[0] == written[1]


def test_of_too_many_rows_every_kth_is_used(tmp_path: Path) -> None:
    contents = files("binary")
    chosen = dict(contents)
    for split, step in (("test", 4), ("validation", 3)):
        lines = [line for path in sorted(contents) if path.startswith(f"{split}/") for line in lines_of(contents[path])]
        # In one part: the order of the rows is what counts.
        chosen |= {path: b"" for path in contents if path.startswith(f"{split}/")}
        chosen[f"{split}/b.csv"] = b"".join(lines[::step])
    header, *groups = lines_of(contents["context/a.csv"]) + lines_of(contents["context/b.csv"])[1:]
    chosen["context/b.csv"] = b"".join([header, *groups[::4]])
    found = []
    for folder, inputs, limit in (("all", contents, "199"), ("chosen", chosen, "199"), ("whole", contents, "600")):
        write(tmp_path / folder, inputs)
        evaluate(tmp_path / folder, "--task", "binary", "--age-feature", str(AGE), "--maximum-rows", limit)
        found.append((result(tmp_path / folder), result(tmp_path / folder, "baseline")))
    data = [evaluation.pop("data") for evaluation, _ in found]
    latest = [evaluation["outOfTime"].pop("data") for evaluation, _ in found]
    assert [[each[member] for member in ("rows", "rowsAvailable")] for each in latest] == [
        [100, 200],
        [100, 200],
        [200, 200],
    ]
    members = ("rows", "rowsAvailable", "validationRows", "validationRowsAvailable")
    assert [[each[member] for member in members] for each in data] == [
        [150, 600, 167, 500],
        [150, 150, 167, 167],
        [600, 600, 500, 500],
    ]
    assert found[0] == found[1] != found[2]
    assert "150 of 600" in report(tmp_path / "all")


def lines_of(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


class Page(HTMLParser):
    """Checks that tags are closed and collects those that there are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {"src", "href", "onload", "onclick"} & {name for name, _ in attrs}
        if tag not in ("br", "meta"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(("task", "charts"), [("binary", 5), ("regression", 3)])
def test_the_page_stands_alone(tmp_path: Path, task: str, charts: int) -> None:
    write(tmp_path, files(task))
    evaluate(tmp_path, "--task", task, "--model", "<b>risk</b>")
    page = Page(report(tmp_path))
    assert (page.tags.count("svg"), page.tags.count("desc")) == (charts, charts)
    assert not {"script", "link", "img", "b"} & set(page.tags)
    assert not re.search(r"nan|None|inf\b|https?:|url\(", report(tmp_path))


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (samples.archive(booster("binary", 4, 2, features=3)), "It has 3 features, the rows have 5."),
        (samples.archive(b"no booster"), "It is no booster"),
        (samples.archive(booster("regression", 4, 9)), "no probabilities"),
        (b"no archive", "The archive cannot be read"),
        (samples.archive(b"", name="other"), "The archive holds no xgboost-model."),
    ],
)
def test_a_champion_that_cannot_score_is_incomparable(tmp_path: Path, archive: bytes, reason: str) -> None:
    write(tmp_path, {**files("binary"), "champion/model.tar.gz": archive})
    evaluate(tmp_path)
    found = result(tmp_path)
    assert reason in found["champion"]["incomparable"]
    assert found["champion"]["version"] == "1"
    assert found["differences"]["champion"] is None
    assert "cannot score these rows" in report(tmp_path)


def test_the_first_run_has_no_champion_and_perhaps_no_groups(tmp_path: Path) -> None:
    first = {path: content for path, content in files("binary").items() if path.split("/")[0] != "champion"}
    write(tmp_path, {path: content for path, content in first.items() if path.split("/")[0] != "context"})
    evaluate(tmp_path, "--task", "binary", "--champion-version", "none", "--horizon-days", "none")
    found = result(tmp_path)
    assert found["horizonDays"] is None
    assert "Horizon" not in report(tmp_path)
    assert (found["champion"], found["candidate"]["subgroups"]) == (None, {})
    assert "There is no champion" in report(tmp_path)
    evaluate(tmp_path)
    assert result(tmp_path)["champion"]["incomparable"] == "One archive of it is needed, there are 0."


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"test/a.csv": b"", "test/b.csv": b"\n"}, "The test data has no rows."),
        ({"test/a.csv": b"1,1,1,1,1,1,1\n", "test/b.csv": b""}, "The test data has one class only (1)"),
        ({"test/a.csv": b"2,1,1,1,1,1,1\n"}, "The test data has other labels than 0 and 1"),
        ({"test/a.csv": b"1,1,x,1,1,1,1\n"}, "The file a.csv is not numeric CSV"),
        ({"test/a.csv": b"1,1,1\n"}, "different numbers of columns: [3, 7]"),
        ({"test/a.csv": b"1\n"}, "row 1 has one column"),
        ({"test/a.csv": b"1,1\n0,1\n", "test/b.csv": b""}, "labels, weights and no features"),
        ({"test/a.csv": b"1,1,inf,1,1,1,1\n"}, "an infinite value"),
        ({"test/a.csv": b"nan,1,1,1,1,1,1\n"}, "a row without label"),
        ({"test/a.csv": b",1,1,1,1,1,1\n"}, "a row without label"),
        *(
            ({"test/a.csv": b"1,%b,1,1,1,1,1\n" % weight}, "a row whose weight is no number above 0")
            for weight in (b"", b"nan", b"inf", b"0", b"-1")
        ),
        ({"validation/a.csv": b""}, "The validation data has no rows."),
        ({"validation/a.csv": b"1,1,2\n"}, "The validation data has 1 features, the test data 5."),
        ({"context/a.csv": b"ageBand,gender,country\n,,\n"}, "does not fit the 250 test rows"),
        ({"context/a.csv": b"ageBand,gender,country\n" + 251 * b",,\n"}, "does not fit the 250 test rows"),
        ({"context/a.csv": b"ageBand,gender,country\n" + 250 * b",,\n" + b",\n"}, "does not fit the 250 test rows"),
        ({"context/b.csv": b"gender\n" + 350 * b"male\n"}, "another header"),
        ({"candidate/model.tar.gz": b"x"}, "The candidate cannot be evaluated: The archive cannot be read"),
    ],
)
def test_failures_say_why(tmp_path: Path, changes: dict[str, bytes], cause: str) -> None:
    write(tmp_path, {**files("binary"), **changes})
    with pytest.raises(JobError, match=re.escape(cause)):
        evaluate(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("--task", "ranking"), "invalid choice: 'ranking'"),
        (("--task", "binary", "--alert-budget", "5"), "up to 1"),
        (("--task", "binary", "--age-feature", "9"), "There is no feature 9"),
        (("--task", "binary", "--age-feature", "-1"), "a column from 0 on"),
        (("--task", "binary", "--age-feature", ""), "a column from 0 on"),
        (("--task", "binary", "--horizon-days", "0"), "a day or more"),
        (("--task", "binary", "--horizon-days", "-90"), "a day or more"),
        (("--task", "binary", "--horizon-days", "90.5"), "a day or more"),
        (("--task", "binary", "--maximum-rows", "0"), "at least one row"),
        (("--task", "binary", "--maximum-rows", "many"), "at least one row"),
    ],
)
def test_wrong_arguments_say_why(tmp_path: Path, arguments: tuple[str, ...], cause: str) -> None:
    write(tmp_path, files("binary"))
    with pytest.raises(JobError, match=re.escape(cause)):
        evaluate(tmp_path, *arguments)


def test_a_failure_leaves_a_message_and_no_result(tmp_path: Path) -> None:
    write(tmp_path, {**files("binary"), "candidate/model.tar.gz": b"x"})
    for arguments, cause in ((("--task", "binary"), "The candidate cannot"), (("--task", "x"), "The arguments are")):
        program = copy_program(tmp_path / "program") / "evaluate.py"
        code, printed = run_program(tmp_path, program, *arguments, *ARGUMENTS)
        message = (tmp_path / "output" / "message").read_text()
        assert (code, message) == (1, printed)
        assert message.startswith(cause)
    assert not (tmp_path / "processing" / "output").exists()
