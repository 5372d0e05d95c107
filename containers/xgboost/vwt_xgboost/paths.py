"""Where the SageMaker container contract keeps its files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """The `/opt/ml` tree. `SM_ML_ROOT` moves it, so that several containers' worth of it live on one machine.

    Source: "How Amazon SageMaker Provides Training Information" in the SageMaker developer guide.
    """

    root: Path

    @classmethod
    def from_environment(cls) -> Paths:
        """The tree that `SM_ML_ROOT` names, `/opt/ml` by default."""
        return cls(Path(os.environ.get("SM_ML_ROOT", "/opt/ml")))

    @property
    def hyperparameters(self) -> Path:
        """JSON object, name to string."""
        return self.root / "input" / "config" / "hyperparameters.json"

    @property
    def model(self) -> Path:
        """The booster, JSON or UBJ: written by training, read by serving."""
        return self.root / "model" / "xgboost-model"

    @property
    def failure(self) -> Path:
        """Why training failed; SageMaker shows its first 1,024 characters as the job's FailureReason."""
        return self.root / "output" / "failure"

    def channel(self, name: str) -> Path:
        """The folder of an input channel."""
        return self.root / "input" / "data" / name
