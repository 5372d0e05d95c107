"""Reads a processing job's inputs: rows with labels, and the rows' groups. Files are streamed."""

from __future__ import annotations

import csv
import datetime
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vwt_common import contract
from vwt_common import rows as reader

from .values import Features, Floats, Indices, JobError, JsonObject

Texts = NDArray[np.str_]

# A split's rows of 100 features take 0.8 GB then.
MAXIMUM_ROWS = 2_000_000


@dataclass(frozen=True)
class Rows:
    """The rows of one split that are used: every `step`-th of its files, the first included.

    Attributes:
        labels: Shape (rows,), finite.
        weights: Shape (rows,), how much each row counts; finite, above 0.
        features: Shape (rows, columns), NaN where the field is empty or says so.
        parts: Rows that each file holds, by name, in the order of the rows.
        step: 1 when all rows are used.
    """

    labels: Floats
    weights: Floats
    features: Features
    parts: Mapping[str, int]
    step: int

    @property
    def available(self) -> int:
        """The number of rows that the files hold."""
        return sum(self.parts.values())


def parse_rows(text: str) -> tuple[Floats, Floats, Features]:
    """Splits lines of CSV, read as an endpoint does: label, weight, and features with `nan` or nothing for missing.

    Returns:
        Labels and weights, shape (rows,) each; features, shape (rows, columns).

    Raises:
        ValueError: A field that is no number, a line without a weight, or lines whose numbers of columns differ.
    """
    table = reader.parse(text)
    if table.shape[1] < 2:
        raise ValueError("row 1 has one column, and label and weight are two")
    # A value that does not fit is infinite then.
    with np.errstate(over="ignore"):
        return table[:, 0], table[:, 1], table[:, 2:].astype(np.float32)


def read_rows(folder: Path, split: str, maximum: int) -> Rows:
    """Reads the `*.csv` of a folder in order of name: label, weight, features; `nan` or nothing for missing, no header.

    Of more than `maximum` rows, every k-th is used, the same in every run; the memory needed does not grow with the
    others.

    Raises:
        JobError: No row, a field that is no number, a label missing, an infinite value, a weight that is not above 0,
            rows whose numbers of columns differ.
    """
    counts = {path: sum(1 for _ in reader.lines(path)) for path in sorted(folder.glob("*.csv"))}
    available = sum(counts.values())
    if not available:
        raise JobError(f"The {split} data has no rows.")
    step = -(-available // maximum)
    used = -(-available // step)
    labels, weights, features = np.empty(used), np.empty(used), np.empty((0, 0), dtype=np.float32)
    filled = 0
    for path, start in zip(counts, _starts(counts.values()), strict=True):
        for batch in reader.batches(islice(reader.lines(path), -start % step, None, step)):
            some_labels, some_weights, some_features = _parse_batch(batch, path.name, split)
            if not filled:
                features = np.empty((len(labels), some_features.shape[1]), dtype=np.float32)
            if some_features.shape[1] != features.shape[1]:
                widths = sorted(2 + each.shape[1] for each in (features, some_features))
                raise JobError(f"The rows of the {split} data have different numbers of columns: {widths}.")
            place = slice(filled, filled + len(some_labels))
            labels[place], weights[place], features[place] = some_labels, some_weights, some_features
            filled = place.stop
    if not features.shape[1]:
        raise JobError(f"The {split} data has labels, weights and no features.")
    return Rows(labels, weights, features, {path.name: count for path, count in counts.items() if count}, step)


def read_groups(folder: Path, rows: Rows) -> dict[str, Texts]:
    """Reads the groups of the rows: one file for each part, same name, a header with the attributes.

    Args:
        folder: It may be missing; then there are no attributes.
        rows: The rows whose groups are read.

    Returns:
        By attribute, shape (rows,); empty where unknown. The players' own column is one of them.

    Raises:
        JobError: A part without file, or files that do not fit the parts.
    """
    if not folder.is_dir():
        return {}
    header: list[str] | None = None
    groups: list[list[str]] = []
    for (name, count), start in zip(rows.parts.items(), _starts(rows.parts.values()), strict=True):
        path = folder / name
        if not path.is_file():
            raise JobError(f"The context data has no file {name}.")
        with path.open(encoding="utf-8", newline="") as file:
            records = (record for record in csv.reader(file) if record)
            names = next(records, [])
            if header not in (None, names):
                raise JobError(f"The file {name} of the context data has another header than those before it.")
            header, groups = names, groups or [[] for _ in names]
            end = start
            for end, record in enumerate(records, start + 1):
                if end > start + count or len(record) != len(header):
                    raise _misfit(name, count)
                if (end - 1) % rows.step == 0:
                    for group, value in zip(groups, record, strict=True):
                        # One text a group, not one a row.
                        group.append(sys.intern(value))
        if end != start + count:
            raise _misfit(name, count)
    return {attribute: np.array(group) for attribute, group in zip(header or [], groups, strict=True)}


def identify(names: Texts | None, rows: int) -> Indices:
    """Counts the players of rows from 0, in order; without names each row is another's."""
    if names is None:
        return np.arange(rows)
    known: dict[str, int] = {}
    return np.fromiter((known.setdefault(name, len(known)) for name in names.tolist()), np.intp, rows)


def read_records(folder: Path) -> JsonObject | None:
    """Reads what became of the records that the rows were made of; None without the file."""
    path = folder / contract.JOBS["evaluate"]["files"]["summary"]
    if not path.is_file():
        return None
    records: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    return records


@dataclass(frozen=True)
class Cut:
    """Where the time of the out-of-time test begins.

    Attributes:
        day: The first day of it, in UTC; None where there is none.
        why: The reason, if there is none and somebody says it.
    """

    day: datetime.date | None
    why: str | None


def read_cut(folder: Path) -> Cut:
    """Reads where the time of the out-of-time test begins; without the file there is none."""
    path = folder / contract.JOBS["evaluate"]["files"]["cut"]
    if not path.is_file():
        return Cut(None, None)
    found = json.loads(path.read_text(encoding="utf-8"))
    start = found["from"]
    day = None if start is None else datetime.datetime.fromtimestamp(start / 1000, datetime.timezone.utc).date()
    return Cut(day, found.get("why"))


def _misfit(name: str, count: int) -> JobError:
    return JobError(f"The file {name} of the context data does not fit the {count} test rows of its name.")


def _starts(counts: Iterable[int]) -> list[int]:
    """Returns the index of each file's first row among the rows of all files."""
    return list(accumulate(counts, initial=0))[:-1]


def _parse_batch(batch: str, name: str, split: str) -> tuple[Floats, Floats, Features]:
    try:
        labels, weights, features = parse_rows(batch)
    except ValueError as error:
        raise JobError(f"The file {name} is not numeric CSV: {error}.") from error
    if np.isinf(features).any() or np.isinf(labels).any():
        raise JobError(f"The {split} data has an infinite value.")
    if np.isnan(labels).any():
        raise JobError(f"The {split} data has a row without label.")
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise JobError(f"The {split} data has a row whose weight is no number above 0.")
    return labels, weights, features
