"""Scores without a model, learnt on the validation rows: what a candidate must beat to be of any use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vwt_common import contract

from .data import Rows
from .scaling import Scaling
from .values import Floats, Indices, JobError


def binary(validation: Rows, test: Rows, age_feature: int | None) -> dict[str, Floats]:
    """Scores everybody with the base rate and, where the age is a feature, with the rate of the player's age band.

    The rate of a band counts one more row at the base rate, so that an empty band has it and no band is certain.

    Returns:
        Scores of the test rows, shape (rows,), by baseline: `constant`, `age`.

    Raises:
        JobError: There is no such feature.
    """
    base = float(validation.labels.mean())
    scores = {"constant": np.full(len(test.labels), base)}
    if age_feature is None:
        return scores
    if not 0 <= age_feature < test.features.shape[1]:
        raise JobError(f"There is no feature {age_feature}: the test data has {test.features.shape[1]}.")
    bands = _bands(validation.features[:, age_feature])
    count = len(contract.AGE_BANDS) + 2
    rows = np.bincount(bands, minlength=count)
    positives = np.bincount(bands, weights=validation.labels, minlength=count)
    rates: Floats = (positives + base) / (rows + 1)
    return {**scores, "age": rates[_bands(test.features[:, age_feature])]}


def regression(validation: Rows, test: Rows, scaling: Scaling) -> dict[str, Floats]:
    """Scores everybody with the mean and with the median amount; and each with their own measure, which goes on so.

    Returns:
        Scores of the test rows, shape (rows,), by baseline: `mean`, `median`; for a model whose answers are multiples
        `own`, the scale, and each feature of it.
    """
    count = len(test.labels)
    return {
        "mean": np.full(count, validation.labels.mean()),
        "median": np.full(count, np.median(validation.labels)),
        **({"own": scaling.scales(test.features), **scaling.parts(test.features)} if scaling.columns else {}),
    }


def _bands(ages: NDArray[np.float32]) -> Indices:
    bands: Indices = np.searchsorted(np.array(contract.AGE_BANDS, dtype=np.float32), ages, side="left")
    # After the band that has no end.
    bands[np.isnan(ages)] = len(contract.AGE_BANDS) + 1
    return bands
