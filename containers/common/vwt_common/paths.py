"""The files of the SageMaker container contract, which programs find by these names."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import contract

_ML = "/opt/ml"


@dataclass(frozen=True)
class Paths:
    """The `/opt/ml` tree. `SM_ML_ROOT` moves it, so that several containers' worth of it live on one machine.

    Source: "How Amazon SageMaker Provides Training Information" in the SageMaker developer guide.
    """

    root: Path

    @classmethod
    def from_environment(cls) -> Paths:
        """Returns the tree that `SM_ML_ROOT` names, `/opt/ml` by default."""
        return cls(Path(os.environ.get("SM_ML_ROOT", _ML)))

    @property
    def hyperparameters(self) -> Path:
        """JSON object, name to string."""
        return self.root / "input" / "config" / "hyperparameters.json"

    @property
    def channels(self) -> Path:
        """JSON object, name of the channel to its configuration."""
        return self.root / "input" / "config" / "inputdataconfig.json"

    @property
    def model(self) -> Path:
        """The booster, JSON or UBJ: written by training, read by serving."""
        return self.root / "model" / contract.BOOSTER

    @property
    def failure(self) -> Path:
        """The file that says why training failed; its first 1,024 characters are the job's FailureReason."""
        return self.root / "output" / "failure"

    @property
    def message(self) -> Path:
        """The file that says why a processing job failed; its first 1,024 bytes are the job's ExitMessage."""
        return self.root / "output" / "message"

    @property
    def processing(self) -> Path:
        """The folder of a processing job's inputs and outputs."""
        return self.root / "processing"

    @property
    def checkpoints(self) -> Path:
        """The folder that SageMaker keeps in S3 while the job runs; it is there for jobs with a CheckpointConfig."""
        config = self.root / "input" / "config" / "checkpointconfig.json"
        local = json.loads(config.read_text()).get("LocalPath") if config.is_file() else None
        path = PurePosixPath(local or f"{_ML}/checkpoints")
        return self.root / path.relative_to(_ML) if path.is_relative_to(_ML) else Path(path)

    def channel(self, name: str) -> Path:
        """Returns the folder of an input channel."""
        return self.root / "input" / "data" / name
