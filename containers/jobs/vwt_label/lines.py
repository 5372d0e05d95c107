"""Streams lines of records without label from `unlabelled/*.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vwt_common import contract
from vwt_common.rows import BATCH_ROWS
from vwt_evaluate.data import parse_rows
from vwt_evaluate.values import Features, JobError


@dataclass(frozen=True)
class Batch:
    """Some lines of one file.

    Attributes:
        lines: Unchanged, without their ends.
        rows: Their features as CSV.
        weights: How much each counts, as texts.
        features: The same as numbers, shape (lines, columns).
        in_train: Whether they belong to the train split, shape (lines,).
    """

    lines: Sequence[bytes]
    rows: Sequence[str]
    weights: Sequence[str]
    features: Features
    in_train: NDArray[np.bool_]


def read_batches(folder: Path, columns: int) -> Iterator[Batch]:
    """Reads every `*.jsonl` of a folder in order of name; empty lines are skipped.

    Args:
        folder: It may be missing; then there are no lines.
        columns: Features of a row.

    Raises:
        JobError: A line that is broken, by file and number; never what it holds.
    """
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as file:
            numbered = ((number, line.rstrip(b"\r\n")) for number, line in enumerate(file, 1) if not line.isspace())
            while some := list(islice(numbered, BATCH_ROWS)):
                yield _batch(path.name, some, columns)


def _batch(name: str, numbered: Sequence[tuple[int, bytes]], columns: int) -> Batch:
    records = [_record(line, name, number) for number, line in numbered]
    rows = [row for row, _, _ in records]
    features = _features(rows, columns)
    if features is None:
        broken = next(
            number for (number, _), row in zip(numbered, rows, strict=True) if _features([row], columns) is None
        )
        raise _error(name, broken, f"its row is not CSV of {columns} finite numbers")
    in_train = np.array([split == contract.SPLITS[0] for _, split, _ in records])
    return Batch([line for _, line in numbered], rows, [weight for _, _, weight in records], features, in_train)


def _record(line: bytes, name: str, number: int) -> tuple[str, str, str]:
    """Reads the row, the split and the weight of a line."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _error(name, number, "it is no JSON") from error
    if not isinstance(record, dict):
        raise _error(name, number, "it is no object")
    row, split, weight = (record.get(contract.UNLABELLED[field]) for field in ("row", "split", "weight"))
    if not isinstance(row, str) or not isinstance(split, str) or split not in (*contract.SPLITS, contract.OUT_OF_TIME):
        raise _error(name, number, "it has no row or no split")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1:
        raise _error(name, number, "it has no weight above 0 and up to 1")
    return row, split, repr(weight)


def _features(rows: Sequence[str], columns: int) -> Features | None:
    """Converts rows to features; None when a row is broken."""
    # With label and weight, as rows have them elsewhere.
    text = "\n".join(f"0,1,{row}" for row in rows)
    if "\r" in text or text.count("\n") != len(rows) - 1:
        return None
    try:
        _, _, features = parse_rows(text)
    except ValueError:
        return None
    fits = features.shape == (len(rows), columns) and not np.isinf(features).any()
    return features if fits else None


def _error(name: str, number: int, cause: str) -> JobError:
    return JobError(f"Line {number} of the file {name} cannot be labelled: {cause}.")
