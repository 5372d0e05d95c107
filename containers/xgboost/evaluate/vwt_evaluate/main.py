"""The command line of the evaluation, by the contract of SageMaker's processing containers."""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from .evaluation import BINARY, REGRESSION, Options, evaluate
from .report.page import page
from .values import EvaluationError

# "ExitMessage contains the first 1 KB of this file": Build Your Own Processing Container, metadata.
_MESSAGE_LIMIT = 1024


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints end up where other failures do."""

    def error(self, message: str) -> NoReturn:
        raise EvaluationError(f"The arguments are wrong: {message}.")


def _budget(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("a share above 0 and up to 1 is needed")
    return value


def _optional_index(text: str) -> int | None:
    return None if text == "none" else int(text)


def _optional(text: str) -> str | None:
    return None if text in ("", "none") else text


def parse(arguments: list[str]) -> Options:
    """Reads the arguments.

    Raises:
        EvaluationError: One is unknown, missing or out of range.
    """
    parser = _Parser(prog="evaluate.py", description=__doc__)
    parser.add_argument("--task", required=True, choices=(BINARY, REGRESSION))
    parser.add_argument("--model", required=True)
    parser.add_argument("--candidate-version", required=True)
    parser.add_argument("--champion-version", type=_optional, default=None, help="none: there is no champion")
    parser.add_argument("--alert-budget", type=_budget, default=0.05, help="share of the rows that may raise an alert")
    parser.add_argument("--age-feature", type=_optional_index, default=None, help="0-based column, or none")
    return Options(**vars(parser.parse_args(arguments)))


def run(root: Path, arguments: list[str]) -> None:
    """Evaluates, and writes `evaluation.json` and `report.html`.

    Args:
        root: The folder that stands for `/opt/ml`.
        arguments: Of the command line.

    Raises:
        EvaluationError: See `parse` and `evaluation.evaluate`.
    """
    outcome = evaluate(root / "processing", parse(arguments))
    output = root / "processing" / "output"
    output.mkdir(parents=True, exist_ok=True)
    (output / "evaluation.json").write_text(json.dumps(outcome.result, indent=1, allow_nan=False), encoding="utf-8")
    (output / "report.html").write_text(page(outcome), encoding="utf-8")


def main() -> int:
    """Runs the evaluation; returns the exit code, and leaves the cause of a failure where SageMaker looks for it."""
    root = Path(os.environ.get("SM_ML_ROOT", "/opt/ml"))
    try:
        run(root, sys.argv[1:])
    except EvaluationError as error:
        cause = str(error)
    except Exception as error:
        traceback.print_exc()
        cause = f"Internal error: {error}"
    else:
        return 0
    print(cause, file=sys.stderr)
    message = root / "output" / "message"
    message.parent.mkdir(parents=True, exist_ok=True)
    message.write_bytes(cause.encode()[:_MESSAGE_LIMIT].decode(errors="ignore").encode())
    return 1
