"""What a processing job's inputs hold: rows with labels, the rows' groups, and boosters."""

from __future__ import annotations

import csv
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from .values import EvaluationError, Floats

Texts = NDArray[np.str_]

_EMPTY_FIELD = re.compile(r",(?=[,\n])")
_MODEL_FILE = "xgboost-model"


class ModelError(EvaluationError):
    """A model that cannot score the rows."""


@dataclass(frozen=True)
class Rows:
    """The rows of one split.

    Attributes:
        labels: Shape (rows,), finite.
        features: Shape (rows, columns), NaN where the field is empty.
        parts: Rows of each file, by name, in the order of the rows.
    """

    labels: Floats
    features: NDArray[np.float32]
    parts: Mapping[str, int]


def _read_part(path: Path) -> Floats:
    lines = _EMPTY_FIELD.sub(",nan", path.read_text(encoding="utf-8") + "\n").split("\n")
    rows = [line for line in lines if line]
    if not rows:
        return np.empty((0, 0))
    try:
        table: Floats = np.loadtxt(rows, delimiter=",", comments=None, ndmin=2)
    except ValueError as error:
        # Only numpy's first sentence: the rest is advice on its own arguments.
        cause = str(error).split(";")[0].rstrip(".")
        raise EvaluationError(f"The file {path.name} is not numeric CSV: {cause}.") from error
    return table


def read_rows(folder: Path, split: str) -> Rows:
    """Reads every `*.csv` of a folder in order of name: label first, empty field for missing, no header.

    Raises:
        EvaluationError: No row, a field that is no number, a label missing, an infinite value, files whose numbers of
            columns differ.
    """
    parts = {path.name: table for path in sorted(folder.glob("*.csv")) if (table := _read_part(path)).size}
    if not parts:
        raise EvaluationError(f"The {split} data has no rows.")
    widths = {table.shape[1] for table in parts.values()}
    if len(widths) > 1:
        raise EvaluationError(f"The files of the {split} data have different numbers of columns: {sorted(widths)}.")
    if widths == {1}:
        raise EvaluationError(f"The {split} data has labels and no features.")
    table = np.concatenate(list(parts.values()))
    if np.isinf(table).any():
        raise EvaluationError(f"The {split} data has an infinite value.")
    if np.isnan(table[:, 0]).any():
        raise EvaluationError(f"The {split} data has a row without label.")
    return Rows(table[:, 0], table[:, 1:].astype(np.float32), {name: len(part) for name, part in parts.items()})


def read_groups(folder: Path, parts: Mapping[str, int]) -> dict[str, Texts]:
    """Reads the groups of the rows: one file for each part, same name, a header with the attributes.

    Args:
        folder: It may be missing; then there are no attributes.
        parts: Rows of each part, as `Rows` has them.

    Returns:
        By attribute, shape (rows,); empty where unknown.

    Raises:
        EvaluationError: A part without file, or files that do not fit the parts.
    """
    if not folder.is_dir():
        return {}
    header: list[str] | None = None
    records: list[list[str]] = []
    for name, count in parts.items():
        path = folder / name
        if not path.is_file():
            raise EvaluationError(f"The context data has no file {name}.")
        with path.open(encoding="utf-8", newline="") as file:
            first, *rest = [record for record in csv.reader(file) if record] or [[]]
        if header not in (None, first):
            raise EvaluationError(f"The file {name} of the context data has another header than those before it.")
        if len(rest) != count or any(len(record) != len(first) for record in rest):
            raise EvaluationError(
                f"The file {name} of the context data does not fit the {count} test rows of its name."
            )
        header = first
        records.extend(rest)
    return {attribute: np.array([record[i] for record in records]) for i, attribute in enumerate(header or [])}


def score(folder: Path, features: NDArray[np.float32]) -> Floats:
    """Scores rows with the booster of a model's archive.

    Args:
        folder: Holds one `*.tar.gz` with a JSON or UBJ booster named `xgboost-model`.
        features: Shape (rows, columns).

    Returns:
        Shape (rows,): what the model's endpoint answers.

    Raises:
        ModelError: No such archive or booster, another number of features, or answers that are no finite numbers.
    """
    archives = sorted(folder.glob("*.tar.gz"))
    if len(archives) != 1:
        raise ModelError(f"One archive of it is needed, there are {len(archives)}.")
    try:
        with tarfile.open(archives[0]) as tar:
            member = next((item for item in tar if Path(item.name).name == _MODEL_FILE and item.isfile()), None)
            file = tar.extractfile(member) if member else None
            if file is None:
                raise ModelError(f"The archive holds no {_MODEL_FILE}.")
            content = file.read()
    except (OSError, EOFError, tarfile.TarError) as error:
        raise ModelError(f"The archive cannot be read: {error}.") from error
    try:
        # From memory, because load_model tells the format of a file by its extension and ours has none.
        booster = xgb.Booster(model_file=bytearray(content))
        expected = booster.num_features()
        # XGBoost itself answers rows with too few columns.
        if expected != features.shape[1]:
            raise ModelError(f"It has {expected} features, the test data has {features.shape[1]}.")
        scores: Floats = np.asarray(booster.inplace_predict(features), dtype=np.float64)
    except xgb.core.XGBoostError as error:
        raise ModelError(f"It is no booster: {str(error).strip().splitlines()[-1]}.") from error
    if scores.shape != (len(features),) or not np.isfinite(scores).all():
        raise ModelError("It does not answer one finite number a row.")
    return scores
