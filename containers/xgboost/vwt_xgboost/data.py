"""Reads a training channel: CSV files without header, label first, by XGBoost's own text parser.

Source: data_utils.py and algorithm_mode/channel_validation.py of aws/sagemaker-xgboost-container, v3.0-5.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xgboost as xgb

from vwt_common import rows

from .differences import Difference
from .errors import UserError

_CONTENT_TYPES = ("csv", "text/csv")
_DISTRIBUTIONS = ("FullyReplicated", "ShardedByS3Key")
_CHANNELS = ("train", "validation")
# Folders in a channel's folder that are looked into.
_DEPTH = 3


def check_configuration(path: Path) -> None:
    """Refuses channels that the built-in refuses, and its other formats, which this program does not read.

    Args:
        path: Where `inputdataconfig.json` is.

    Raises:
        UserError: No `train`, a channel of another name, or a content type, mode or distribution that is not supported.
    """
    channels = json.loads(path.read_text())
    if "train" not in channels:
        raise UserError("Missing required channel: train")
    for name, channel in channels.items():
        if name not in _CHANNELS:
            raise UserError(f"Extraneous channel found: {name}")
        if (
            # Whole: parameters such as label_size are understood elsewhere, but refused here.
            channel.get("ContentType", "text/libsvm") not in _CONTENT_TYPES
            or channel["TrainingInputMode"] != "File"
            or channel["S3DistributionType"] not in _DISTRIBUTIONS
        ):
            raise UserError(f"Channel configuration for '{name}' channel is not supported: {channel}")


def read_channel(folder: Path, name: str, weights: bool = False) -> xgb.DMatrix:
    """Reads the files of a folder as one matrix.

    In order of name, so that the same files train the same model; the built-in takes them as its file system does.

    Args:
        folder: The channel's folder.
        name: The channel's name.
        weights: Whether the second column holds the rows' weights.

    Raises:
        UserError: No data, a hidden file, a first line without delimiter (an empty file has none), or what XGBoost
            refuses. In our own image also what it would misread.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if any(path.name.startswith(".") for path in files):
        raise UserError("Hidden file found in the data path! Remove that before training.")
    if not any(path.stat().st_size for path in files):
        raise UserError(f"No data in {'training' if name == 'train' else name} channel path {folder}")
    files = [path for path in files if len(path.relative_to(folder).parts) <= _DEPTH]
    # The first file tells it, but all are asked.
    delimiter, *_ = map(_delimiter, files)
    options = f"format=csv&label_column=0&delimiter={delimiter}{'&weight_column=1' if weights else ''}"
    try:
        matrix = xgb.DMatrix(f"{';'.join(map(str, files))}?{options}")
    except xgb.core.XGBoostError as error:
        raise UserError(f"Failed to load csv data with exception:\n{error}") from error
    if Difference.REFUSES_WHAT_IS_MISREAD.applies:
        _check(files, delimiter, name, matrix.num_col() + 1 + weights)
    return matrix


def _delimiter(path: Path) -> str:
    with path.open(encoding="utf-8", errors="ignore") as file:
        line = file.readline()
    try:
        return csv.Sniffer().sniff(line).delimiter
    except csv.Error as error:
        raise UserError(f"Could not determine delimiter on line {line[:50]}:\n{error}") from error


def _check(files: Sequence[Path], delimiter: str, name: str, columns: int) -> None:
    """Refuses what XGBoost reads as something else.

    Args:
        files: The channel's files.
        delimiter: What separates their fields.
        name: The channel's name.
        columns: The number of columns that XGBoost saw, with the label.
    """
    for path in files:
        for batch in rows.batches(rows.lines(path)):
            try:
                numbers = rows.parse(batch, delimiter)
            except ValueError as error:
                raise UserError(f"The file {path.name} of the channel '{name}' is not numeric CSV: {error}.") from error
            if numbers.shape[1] != columns:
                raise UserError(
                    f"The file {path.name} of the channel '{name}' has {numbers.shape[1]} columns, XGBoost sees "
                    f"{columns}: rows differ, or columns at the end are empty in all of them; write nan for missing."
                )
            if not np.isfinite(numbers[:, 0]).all():
                raise UserError(f"The channel '{name}' has a row without label.")
