"""Every entry of the contract with TypeScript is needed: when it is another, something fails.

The checks have the words of the other side written out, as SageMaker, the state machine and the functions use them.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

import evaluation_inputs
import samples
from test_label import inputs
from vwt_common import contract
from vwt_common.paths import Paths
from vwt_evaluate import baselines
from vwt_evaluate import main as evaluate
from vwt_evaluate.model import Model
from vwt_evaluate.values import JobError
from vwt_label import main as label
from vwt_label.lines import read_batches
from vwt_label.outputs import Parts
from vwt_xgboost import metrics

CONTAINERS = Path(__file__).parents[1]
KNOWN = json.loads((CONTAINERS / "common" / "vwt_common" / "contracts.json").read_text())
Entry = tuple[str | int, ...]
Check = Callable[[Path], None]
SUMMARY = {"lines": 1, "rejected": 0, "reasons": [], "inWords": "1 line"}


def lines_without_label(root: Path) -> None:
    splits = ("train", "validation", "test", "out-of-time")
    lines = [json.dumps({"task": "0", "split": split, "row": "1,nan", "weight": 0.5}) for split in splits]
    (root / "a.jsonl").write_text("\n".join(lines))
    [batch] = read_batches(root, 2)
    assert batch.in_train.tolist() == [True, False, False, False]
    assert batch.weights == 4 * ["0.5"]


def labelling(root: Path) -> None:
    assert (CONTAINERS / "jobs" / contract.JOBS["label"]["program"]).is_file()
    contents, _, _ = inputs(0, 300)
    # The last feature of each row is missing.
    rows = {path: re.sub(rb',[^,]*"}', b',"}', text) for path, text in contents.items() if path.endswith(".jsonl")}
    evaluation_inputs.write(root, {**contents, **rows})
    options = "--model risk --version 20261123-1 --precision 0.9 --confidence 0.9 --maximum-people 100 --labels both"
    label.run(root, options.split())
    output = root / "processing" / "output"
    fields = re.split(r"[,\n]", (output / "train" / "automatic-0.csv").read_text().strip())
    assert {field for field in fields if not re.fullmatch(r"[-\d.e]+", field)} == {"nan"}
    assert (output / "people" / "part-0.jsonl").stat().st_size > 0
    report = json.loads((output / "report" / "automatic.json").read_text())
    assert_has("automaticLabels", report)
    assert report["schemaVersion"] == 1


def automatic_labels(_root: Path) -> None:
    for name in ("none", "positives", "both"):
        assert label.parse(["--model", "risk", "--version", "1", "--labels", name]).labels == name


def evaluation(root: Path) -> None:
    assert (CONTAINERS / "jobs" / contract.JOBS["evaluate"]["program"]).is_file()
    summary = {"records/summary.json": json.dumps(SUMMARY).encode()}
    evaluation_inputs.write(root, {**evaluation_inputs.files("binary"), **summary})
    evaluate.run(root, arguments("binary"))
    output = root / "processing" / "output"
    assert (output / "report.html").is_file()
    result = json.loads((output / "evaluation.json").read_text())
    assert_has("evaluation", result)
    assert result["schemaVersion"] == 3
    assert result["records"] == SUMMARY
    assert "metrics" in result["champion"]
    assert sorted(result["candidate"]["subgroups"]) == ["ageBand", "country", "gender"]
    latest = result["outOfTime"]
    assert (latest["from"], latest["data"]["players"]) == ("2026-09-01", 100)
    assert sorted(latest["candidate"]["subgroups"]) == ["ageBand", "country", "gender", "split"]
    reference = json.loads((output / "baseline.json").read_text())
    assert reference["schemaVersion"] == 2
    assert_has("reference", reference)
    for each in (*reference["features"], reference["score"]):
        assert_has("distribution", each)
    assert_has("riskShares", reference["risk"])
    rows = json.loads((root / "processing" / "reference" / "training.json").read_text())
    assert rows["schemaVersion"] == 2
    assert {len(row) for row in rows["rows"]} == {len(reference["features"])}


def arguments(task: str) -> list[str]:
    versions = ["--candidate-version", "2", "--champion-version", "1"]
    settings = ["--horizon-days", "90", "--alert-budget", "0.05", "--age-feature", "0" if task == "binary" else "none"]
    risk = ["--risk-thresholds", '{"moderate": 0.1, "high": 0.3, "severe": 0.6}' if task == "binary" else "none"]
    layouts = ["--layout", "a", "--champion-layout", "a", "--scaling", '{"columns":{},"plus":1,"weightPower":0}']
    return ["--model", "risk", "--task", task, "--maximum-rows", "300", *settings, *risk, *layouts, *versions]


def assert_has(document: str, found: Mapping[str, Any]) -> None:
    assert set(contract.DOCUMENTS[document].values()) <= set(found)


def gate_metrics(root: Path) -> None:
    for task, paths in contract.GATE_METRICS.items():
        for path in paths:
            found = functools.reduce(lambda value, key: value[key], path.split("."), measured(task, root))
            assert isinstance(found, int | float), path


RESULTS: dict[str, Any] = {}


def measured(task: str, root: Path) -> Any:
    """Returns the metrics of a candidate; the names that a gate uses are none of the program's own."""
    if task not in RESULTS:
        evaluation_inputs.write(root / task, evaluation_inputs.files(task))
        evaluate.run(root / task, arguments(task))
        RESULTS[task] = json.loads((root / task / "processing" / "output" / "evaluation.json").read_text())
    return RESULTS[task]["candidate"]["metrics"]


def part_size(root: Path) -> None:
    parts = Parts(root, "part")
    for _ in range(2):
        parts.add("0" * 17 * 2**20)
    parts.flush()
    assert sorted(path.name for path in root.iterdir()) == ["part-0.csv", "part-1.csv"]


def player_column(root: Path) -> None:
    header = b"ageBand,gender,country,player\n"
    context = {f"context/{part}.csv": header + b",,,one\n" * rows for part, rows in (("a", 250), ("b", 350))}
    evaluation_inputs.write(root, {**evaluation_inputs.files("binary"), **context})
    evaluate.run(root, arguments("binary"))
    result = json.loads((root / "processing" / "output" / "evaluation.json").read_text())
    # One player has all rows, and is no group.
    assert result["data"]["players"] == 1
    assert sorted(result["candidate"]["subgroups"]) == ["ageBand", "country", "gender"]


def age_bands(_root: Path) -> None:
    ages = np.array([18, 24, 25, 34, 35, 44, 45, 54, 55, 64, 65, 110, np.nan], dtype=np.float32)
    assert baselines._bands(ages).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]


def booster(root: Path) -> None:
    assert Paths(root).model == root / "model" / "xgboost-model"
    (root / "model.tar.gz").write_bytes(samples.archive(evaluation_inputs.booster("binary", 3, 20), "xgboost-model"))
    Model(root)


def built_in_image(_root: Path) -> None:
    """The emulator's table of images has the image, and the programs run with its XGBoost."""
    repository, tag, version = (contract.BUILT_IN_IMAGE[name] for name in ("repository", "tag", "xgboost"))
    [pattern] = [each["images"] for each in json.loads((CONTAINERS / "images.json").read_text()) if each["builtIn"]]
    assert re.fullmatch(pattern, f"141502667606.dkr.ecr.eu-west-1.amazonaws.com/{repository}:{tag}")
    assert xgb.__version__ == version


def maximised_metrics(_root: Path) -> None:
    """Source: constants/xgb_constants.py of aws/sagemaker-xgboost-container."""
    of_classes = "accuracy balanced_accuracy f1 f1_binary f1_macro precision precision_macro precision_micro"
    recalls = "recall recall_macro recall_micro"
    for metric in f"{of_classes} {recalls} auc aucpr map ndcg r2".split():
        assert metrics.is_maximised(metric), metric


CHECKS: Mapping[Entry, Check] = {
    ("splits",): lines_without_label,
    ("outOfTime",): lines_without_label,
    ("unlabelled",): lines_without_label,
    ("automaticLabels",): automatic_labels,
    ("missing",): labelling,
    ("partBytes",): part_size,
    ("ageBands",): age_bands,
    ("playerColumn",): player_column,
    ("booster",): booster,
    ("builtInImage",): built_in_image,
    ("maximisedMetrics",): maximised_metrics,
    ("gateMetrics",): gate_metrics,
    ("jobs", "evaluate"): evaluation,
    ("jobs", "label"): labelling,
    ("documents", "evaluation"): evaluation,
    ("documents", "reference"): evaluation,
    ("documents", "distribution"): evaluation,
    ("documents", "riskShares"): evaluation,
    ("documents", "automaticLabels"): labelling,
    ("schemaVersions", "evaluation"): evaluation,
    ("schemaVersions", "reference"): evaluation,
    ("schemaVersions", "automaticLabels"): labelling,
}


def entries(value: Any, path: Entry = ()) -> Iterator[Entry]:
    if not isinstance(value, dict | list):
        yield path
        return
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield from entries(each, (*path, key))


def broken(value: Any, path: Entry) -> Any:
    """Returns the value with another one at the path."""
    if not path:
        return f"{value[:-1]}#" if isinstance(value, str) else 2 * value + 1
    copied = copy.copy(value)
    copied[path[0]] = broken(value[path[0]], path[1:])
    return copied


@pytest.mark.parametrize("check", list(dict.fromkeys(CHECKS.values())), ids=lambda check: check.__name__)
def test_the_contract_holds(check: Check, tmp_path: Path) -> None:
    check(tmp_path)


@pytest.mark.parametrize("entry", list(entries(KNOWN)), ids=lambda entry: ".".join(map(str, entry)))
def test_another_entry_is_noticed(entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [check] = [check for start, check in CHECKS.items() if entry[: len(start)] == start]
    name = re.sub(r"[A-Z]", lambda letter: f"_{letter[0]}", str(entry[0])).upper()
    assert getattr(contract, name) == KNOWN[entry[0]]
    monkeypatch.setattr(contract, name, broken(KNOWN[entry[0]], entry[1:]))
    with pytest.raises((AssertionError, JobError, OSError, KeyError)):
        check(tmp_path)
