"""Relates what a model answers, and is trained on, to scores and labels: score = scale * answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .data import Rows
from .values import Features, Floats


@dataclass(frozen=True)
class Scaling:
    """The scaling of a model; the defaults are those of a model whose answers are scores.

    Attributes:
        columns: By feature, the 0-based columns of which the scale of a row is the mean, what is missing as 0.
        plus: Added to that mean.
        weight_power: The power of the scale that multiplies the weight of a row.
    """

    columns: Mapping[str, int]
    plus: float = 1.0
    weight_power: float = 0.0

    @staticmethod
    def parse(text: str) -> Scaling:
        """Reads the command line's JSON.

        Raises:
            ValueError: It is none.
        """
        found = json.loads(text)
        try:
            return Scaling(dict(found["columns"]), float(found["plus"]), float(found["weightPower"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"it lacks {error}") from error

    def parts(self, features: Features) -> dict[str, Floats]:
        """Returns the columns by feature, shape (rows,) each, with what is added to the scale."""
        return {
            name: np.nan_to_num(features[:, column].astype(np.float64)) + self.plus
            for name, column in self.columns.items()
        }

    def scales(self, features: Features) -> Floats:
        """Computes the scale of each row.

        Args:
            features: Shape (rows, columns).

        Returns:
            Shape (rows,).
        """
        parts = list(self.parts(features).values())
        scales: Floats = np.mean(parts, axis=0) if parts else np.full(len(features), self.plus)
        return scales

    def restore(self, rows: Rows) -> Rows:
        """Returns the rows with the labels and weights that they had before a model was to learn from them."""
        scales = self.scales(rows.features)
        return replace(rows, labels=rows.labels * scales, weights=rows.weights / scales**self.weight_power)
