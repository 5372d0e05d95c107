"""Reads rows of CSV as an endpoint reads them; serving, evaluation and labelling have no other loader.

Training has XGBoost's own text parser, as the built-in image has; what both make of the same bytes is in
`containers/tests/test_loaders.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Rows that are in memory as text at once.
BATCH_ROWS = 20_000


def lines(path: Path) -> Iterator[bytes]:
    """Streams the lines of a file that are not empty, with their ends."""
    with path.open("rb") as file:
        yield from (line for line in file if not line.isspace())


def batches(lines: Iterator[bytes]) -> Iterator[str]:
    """Joins lines to texts for `parse`, of at most `BATCH_ROWS` lines each."""
    while batch := b"".join(islice(lines, BATCH_ROWS)):
        yield batch.decode(errors="replace").replace("\r\n", "\n").removesuffix("\n")


def parse(text: str, delimiter: str = ",") -> Numbers:
    """Converts lines to an array of shape (lines, fields); NaN where a field is empty or says so.

    Source: `csv_to_dmatrix` in aws/sagemaker-xgboost-container, v3.0-5, encoder.py: every line counts, an empty one
    too, and a field is what Python's `float` takes.

    Raises:
        ValueError: A field that is no number, or lines of different numbers of fields.
    """
    rows = [line.split(delimiter) for line in text.split("\n")]
    width = len(rows[0])
    numbers = np.empty((len(rows), width))
    for index, fields in enumerate(rows):
        if len(fields) != width:
            raise ValueError(f"row {index + 1} has {len(fields)} columns, the first has {width}")
        try:
            numbers[index] = [float(field) if field else math.nan for field in fields]
        except ValueError as error:
            raise ValueError(f"row {index + 1}: {error}") from error
    return numbers
