"""Runs the evaluation from the command line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from vwt_common import contract

from .data import MAXIMUM_ROWS
from .evaluation import Options, evaluate
from .program import Parser, start, whole
from .report.page import page
from .scaling import Scaling


def _budget(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("a share above 0 and up to 1 is needed")
    return value


def _whole_or_none(least: int, needed: str) -> Callable[[str], int | None]:
    read = whole(least, needed)
    return lambda text: None if text == "none" else read(text)


_rows = whole(1, "at least one row is needed")
_days = _whole_or_none(1, "a day or more are needed, or none")
_column = _whole_or_none(0, "a column from 0 on is needed, or none")


def _thresholds(text: str) -> dict[str, float] | None:
    if text == "none":
        return None
    thresholds = json.loads(text)
    ascend = isinstance(thresholds, dict) and all(a < b for a, b in pairwise((0.0, *thresholds.values(), 1.0)))
    if not ascend:
        raise argparse.ArgumentTypeError("scores between 0 and 1 are needed, from the least group to the most severe")
    return dict(thresholds)


def _optional(text: str) -> str | None:
    return None if text in ("", "none") else text


def parse(arguments: list[str]) -> Options:
    """Parses the arguments.

    Raises:
        JobError: One is unknown, missing or out of range.
    """
    job = contract.JOBS["evaluate"]
    options = job["options"]
    parser = Parser(prog=job["program"], description=__doc__)
    parser.add_argument(options["task"], required=True, choices=contract.GATE_METRICS)
    parser.add_argument(options["model"], required=True)
    parser.add_argument(options["candidateVersion"], required=True)
    parser.add_argument(options["championVersion"], type=_optional, default=None, help="none: there is no champion")
    parser.add_argument(
        options["alertBudget"], type=_budget, default=0.05, help="share of rows that may raise an alert"
    )
    parser.add_argument(options["horizonDays"], type=_days, default=None, help="of the label, or none")
    parser.add_argument(options["ageFeature"], type=_column, default=None, help="0-based column, or none")
    parser.add_argument(options["riskThresholds"], type=_thresholds, default=None, help="JSON by risk group, or none")
    parser.add_argument(options["scaling"], type=Scaling.parse, default=Scaling({}), help="of answers, as JSON")
    parser.add_argument(options["layout"], default="", help="what the candidate takes and answers, by a hash")
    parser.add_argument(options["championLayout"], default="", help="the same of the champion")
    parser.add_argument("--maximum-rows", type=_rows, default=MAXIMUM_ROWS, help="of a split; of more, every k-th")
    return Options(**vars(parser.parse_args(arguments)))


def run(root: Path, arguments: list[str]) -> None:
    """Evaluates, and writes `evaluation.json`, `report.html`, `baseline.json` and a sample of the held-out rows.

    Args:
        root: The folder that stands for `/opt/ml`.
        arguments: Those of the command line.

    Raises:
        JobError: See `parse` and `evaluation.evaluate`.
    """
    evaluated = evaluate(root / "processing", parse(arguments))
    job = contract.JOBS["evaluate"]
    outputs = {
        "evaluation": {
            "evaluation": json.dumps(evaluated.result, indent=1, allow_nan=False),
            "reference": json.dumps(evaluated.reference.distributions, allow_nan=False),
            "report": page(evaluated),
        },
        "reference": {"referenceRows": json.dumps(evaluated.reference.rows)},
    }
    for output, files in outputs.items():
        folder = root / "processing" / job["outputs"][output]
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / job["files"][name]).write_text(content, encoding="utf-8")


def main() -> int:
    """Runs the evaluation; returns the exit code."""
    return start(run)
