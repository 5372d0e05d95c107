"""Reads boosters from SageMaker's archives, and scores rows with them."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import xgboost as xgb

from vwt_common import contract

from .values import Features, Floats, JobError


class ModelError(JobError):
    """Tells that a model cannot score the rows."""


class Model:
    """A booster that scores rows as the model's endpoint does."""

    def __init__(self, folder: Path) -> None:
        """Loads the booster from the folder's single `*.tar.gz`.

        Args:
            folder: Holds one `*.tar.gz` with a JSON or UBJ booster named `xgboost-model`.

        Raises:
            ModelError: No such archive or booster.
        """
        content = _booster(folder)
        try:
            # From memory, because load_model tells the format of a file by its extension and ours has none.
            self._booster = xgb.Booster(model_file=bytearray(content))
        except xgb.core.XGBoostError as error:
            raise _no_booster(error) from error

    def scores(self, features: Features) -> Floats:
        """Scores rows.

        Args:
            features: Shape (rows, columns).

        Returns:
            Shape (rows,).

        Raises:
            ModelError: Another number of features, or answers that are no finite numbers.
        """
        try:
            expected = self._booster.num_features()
            # XGBoost itself answers rows with too few columns.
            if expected != features.shape[1]:
                raise ModelError(f"It has {expected} features, the rows have {features.shape[1]}.")
            scores: Floats = np.asarray(self._booster.inplace_predict(features), dtype=np.float64)
        except xgb.core.XGBoostError as error:
            raise _no_booster(error) from error
        if scores.shape != (len(features),) or not np.isfinite(scores).all():
            raise ModelError("It does not answer one finite number a row.")
        return scores

    def probabilities(self, features: Features) -> Floats:
        """Scores rows, and wants probabilities.

        Raises:
            ModelError: As `scores`, or answers outside of 0 to 1.
        """
        scores = self.scores(features)
        if (scores < 0).any() or (scores > 1).any():
            raise ModelError("It answers scores outside of 0 to 1, which are no probabilities.")
        return scores


def _no_booster(error: Exception) -> ModelError:
    return ModelError(f"It is no booster: {str(error).strip().splitlines()[-1]}.")


def _booster(folder: Path) -> bytes:
    archives = sorted(folder.glob("*.tar.gz"))
    if len(archives) != 1:
        raise ModelError(f"One archive of it is needed, there are {len(archives)}.")
    try:
        with tarfile.open(archives[0]) as tar:
            member = next((item for item in tar if Path(item.name).name == contract.BOOSTER and item.isfile()), None)
            file = tar.extractfile(member) if member else None
            if file is None:
                raise ModelError(f"The archive holds no {contract.BOOSTER}.")
            return file.read()
    except (OSError, EOFError, tarfile.TarError) as error:
        raise ModelError(f"The archive cannot be read: {error}.") from error
