"""Checkpoints: a training that is interrupted goes on where it was, and stops where it would have stopped.

All that a checkpoint has to remember is in the booster: its trees, and the best round in its attributes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import xgboost as xgb

from .differences import Difference
from .metrics import is_maximised

# Rounds between two checkpoints, and how many files are kept. The files are overwritten in turn, because SageMaker
# copies them to S3 but takes none away there.
_EVERY, _KEPT = 10, 3
# SageMaker does not upload files whose names end so.
_PARTIAL = ".sagemaker-ignore"


class Kept(NamedTuple):
    """The callback that keeps a training's rounds, and the newest that an interrupted one left."""

    save: xgb.callback.TrainingCallback
    newest: xgb.Booster | None


def of(folder: Path, hyperparameters: Mapping[str, str]) -> Kept:
    """Returns the checkpoints of a training.

    Source of the built-in's: callback.py and checkpointing.py of aws/sagemaker-xgboost-container, v3.0-5. Its interval
    is the number of the round that it goes on from, so a new training saves its first round only; and XGBoost writes
    `_0.ubj` where it looks for `.0`.
    """
    if Difference.GOES_ON_FROM_CHECKPOINTS.applies:
        files = name(hyperparameters)
        return Kept(Save(folder, files), newest(folder, files))
    return Kept(xgb.callback.TrainingCheckPoint(folder, "xgboost-checkpoint", interval=0), None)


def name(hyperparameters: Mapping[str, str]) -> str:
    """Names the files of a training: the jobs of a tuning may share one place in S3, and must not mix.

    The number of rounds has no part in it, so that a training may also be made longer.
    """
    told = sorted((key, value) for key, value in hyperparameters.items() if key != "num_round")
    return f"xgboost-checkpoint-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]}"


def newest(folder: Path, name: str) -> xgb.Booster | None:
    """Loads the checkpoint with most rounds; files that are no booster are passed over."""
    boosters = []
    for path in sorted(folder.glob(f"{name}.[0-{_KEPT - 1}]")):
        try:
            boosters.append(xgb.Booster(model_file=bytearray(path.read_bytes())))
        except xgb.core.XGBoostError:
            print(f"The checkpoint {path.name} is damaged and passed over.", flush=True)
    return max(boosters, key=lambda booster: int(booster.num_boosted_rounds()), default=None)


class Save(xgb.callback.TrainingCallback):  # type: ignore[misc]  # xgboost ships no type of its base class
    """Saves the booster every few rounds."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name

    def after_iteration(self, model: xgb.Booster, _epoch: int, _evals_log: dict[str, Any]) -> bool:
        rounds = model.num_boosted_rounds()
        if rounds % _EVERY == 0:
            path = f"{self._path}.{rounds // _EVERY % _KEPT}"
            partial = Path(path + _PARTIAL)
            partial.write_bytes(model.save_raw("ubj"))
            os.replace(partial, path)
        return False


class EarlyStopping(xgb.callback.TrainingCallback):  # type: ignore[misc]  # see above
    """Stops early by a metric of the validation channel, as XGBoost does, and in a resumed training too.

    XGBoost's own keeps its count in itself and would begin anew.
    """

    def __init__(self, rounds: int, metric: str) -> None:
        self._rounds = rounds
        self._metric = metric

    def before_iteration(self, model: xgb.Booster, _epoch: int, _evals_log: dict[str, Any]) -> bool:
        # Asked here and not after the round, so that a training that was interrupted at its end stays ended.
        best = model.attr("best_iteration")
        return best is not None and model.num_boosted_rounds() - 1 - int(best) >= self._rounds

    def after_iteration(self, model: xgb.Booster, _epoch: int, evals_log: dict[str, Any]) -> bool:
        score, best = evals_log["validation"][self._metric][-1], model.attr("best_score")
        better = best is None or (score > float(best) if is_maximised(self._metric) else score < float(best))
        if better:
            model.set_attr(best_score=repr(float(score)), best_iteration=str(model.num_boosted_rounds() - 1))
        return False
