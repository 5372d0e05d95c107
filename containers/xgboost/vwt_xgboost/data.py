"""A training channel: a folder of CSV files without header, label first, empty field for missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# An empty field at the start of a line, between two commas, or at the end of a line.
_EMPTY_FIELD = re.compile(r"^(?=,)|(?<=,)(?=,|$)", re.MULTILINE)


class DataError(ValueError):
    """Input that cannot be trained on; its text is one sentence for the operator."""


@dataclass(frozen=True)
class Channel:
    """The rows of one channel.

    Attributes:
        labels: Shape (rows,), float32, finite.
        features: Shape (rows, columns), float32, NaN where the field is empty.
    """

    labels: NDArray[np.float32]
    features: NDArray[np.float32]


def _read_file(path: Path) -> NDArray[np.float32]:
    # Universal newlines: a CRLF file ends its lines where the pattern above expects them.
    text = _EMPTY_FIELD.sub("nan", path.read_text(encoding="utf-8"))
    lines = [line for line in text.split("\n") if line]
    if not lines:
        return np.empty((0, 0), dtype=np.float32)
    try:
        rows: NDArray[np.float32] = np.loadtxt(lines, dtype=np.float32, delimiter=",", comments=None, ndmin=2)
    except ValueError as error:
        # Only numpy's first sentence: the rest is advice on its own arguments.
        raise DataError(f"The file {path.name} is not numeric CSV: {str(error).split(';')[0].rstrip('.')}.") from error
    return rows


def read_channel(folder: Path, name: str) -> Channel:
    """Reads every `*.csv` of a folder, in order of name, so that the same files train the same model.

    Raises:
        DataError: No file, no row, a field that is no number, an infinite one, a label missing, or files whose
            numbers of columns differ.
    """
    files = sorted(folder.rglob("*.csv"))
    parts = [(path, rows) for path in files if (rows := _read_file(path)).size]
    if not parts:
        raise DataError(f"The channel '{name}' has no rows ({len(files)} CSV files).")
    first, columns = parts[0][0].name, parts[0][1].shape[1]
    if columns < 2:
        raise DataError(f"The file {first} of the channel '{name}' has one column; a label and features are needed.")
    for path, rows in parts:
        if rows.shape[1] != columns:
            raise DataError(
                f"The files of the channel '{name}' differ: {first} has {columns} columns, "
                f"{path.name} has {rows.shape[1]}."
            )
    table = np.concatenate([rows for _, rows in parts])
    if np.isinf(table).any():
        raise DataError(f"The channel '{name}' has an infinite value.")
    if np.isnan(table[:, 0]).any():
        raise DataError(f"The channel '{name}' has a row without label.")
    return Channel(labels=table[:, 0], features=table[:, 1:])
