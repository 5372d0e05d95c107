"""Runs the labelling from the command line."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from vwt_common import contract
from vwt_evaluate.program import Parser, start, whole

from .labelling import Options, label

_count = whole(0, "0 or more are needed")


def _certainty(text: str) -> float:
    value = float(text)
    if not 0.5 < value < 1:
        raise argparse.ArgumentTypeError("a share above 0.5 and below 1 is needed")
    return value


def parse(arguments: list[str]) -> Options:
    """Parses the arguments.

    Raises:
        JobError: One is unknown, missing or out of range.
    """
    job = contract.JOBS["label"]
    options = job["options"]
    parser = Parser(prog=job["program"], description=__doc__)
    parser.add_argument(options["model"], required=True)
    parser.add_argument(options["version"], required=True, help="the run's id")
    parser.add_argument(options["precision"], type=_certainty, default=0.95, help="of the automatic labels")
    parser.add_argument(options["confidence"], type=_certainty, default=0.95, help="that they have this precision")
    parser.add_argument(options["labels"], choices=contract.AUTOMATIC_LABELS, default="none", help="that are given")
    parser.add_argument(options["maximumPeople"], type=_count, default=500, help="lines that people get")
    return Options(**vars(parser.parse_args(arguments)))


def run(root: Path, arguments: list[str]) -> None:
    """Labels, and writes the automatic labels, the lines for people and the report; nothing when it fails.

    Args:
        root: The folder that stands for `/opt/ml`.
        arguments: Those of the command line.

    Raises:
        JobError: See `parse` and `labelling.label`.
    """
    options = parse(arguments)
    job = contract.JOBS["label"]
    folders = {name: root / "processing" / folder for name, folder in job["outputs"].items()}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    try:
        result = label(root / "processing", options, folders["train"], folders["uncertain"])
    except BaseException:
        for file in [file for folder in folders.values() for file in folder.iterdir()]:
            file.unlink()
        raise
    (folders["report"] / job["files"]["report"]).write_text(
        json.dumps(result, indent=1, allow_nan=False), encoding="utf-8"
    )


def main() -> int:
    """Runs the labelling; returns the exit code."""
    return start(run)
