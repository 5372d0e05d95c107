"""`train`: channels in, one booster out, by the built-in algorithm's names and log format."""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any

import numpy as np
import xgboost as xgb

from . import checkpoints
from .data import Channel, DataError, read_channel
from .hyperparameters import HyperparameterError, Hyperparameters, parse
from .paths import Paths

# SageMaker shows this many characters of the failure file.
_FAILURE_LIMIT = 1024


class _BuiltInLog(xgb.callback.TrainingCallback):  # type: ignore[misc]  # xgboost ships no type of its base class
    """Prints one line a round as the built-in algorithm does, so that its metric definitions match ours."""

    def after_iteration(self, model: xgb.Booster, _epoch: int, evals_log: dict[str, Any]) -> bool:
        scores = (
            f"{channel}-{metric}:{history[-1]:.5f}"
            for channel, metrics in evals_log.items()
            for metric, history in metrics.items()
        )
        # Syslog writes a tab as #011, and the built-in's lines reach CloudWatch through it.
        print("#011".join((f"[{model.num_boosted_rounds() - 1}]", *scores)), flush=True)
        return False


def _check_labels(channel: Channel, name: str, objective: str) -> None:
    """Refuses labels that a binary objective cannot learn from: XGBoost itself trains a constant and says nothing."""
    if not objective.startswith("binary:"):
        return
    found = set(np.unique(channel.labels).tolist())
    if not found <= {0.0, 1.0}:
        raise DataError(f"The objective {objective} needs the labels 0 and 1, the channel '{name}' has others.")
    if len(found) < 2:
        raise DataError(f"The channel '{name}' has one class only ({found.pop():g}); {objective} needs both.")


def _read_channels(paths: Paths, hyperparameters: Hyperparameters) -> dict[str, Channel]:
    names = ["train"] + ["validation"] * paths.channel("validation").is_dir()
    channels = {name: read_channel(paths.channel(name), name) for name in names}
    for name, channel in channels.items():
        _check_labels(channel, name, hyperparameters.booster["objective"])
    widths = {name: channel.features.shape[1] for name, channel in channels.items()}
    if len(set(widths.values())) > 1:
        raise DataError(f"The channels differ in their number of features: {widths}.")
    if hyperparameters.early_stopping_rounds and "validation" not in channels:
        raise DataError("Early stopping needs the channel 'validation', which is missing.")
    return channels


def train(paths: Paths) -> None:
    """Trains on the channels of the tree and writes the booster, cut after its best round.

    A tree with a folder for checkpoints gets some, and the training goes on from the newest one it has.

    Raises:
        HyperparameterError: See `hyperparameters.parse`.
        DataError: See `data.read_channel`; also channels that do not fit together or the objective.
        xgboost.core.XGBoostError: Parameters that XGBoost refuses in combination.
    """
    told = json.loads(paths.hyperparameters.read_text())
    hyperparameters = parse(told)
    matrices = {
        name: xgb.DMatrix(channel.features, label=channel.labels)
        for name, channel in _read_channels(paths, hyperparameters).items()
    }
    callbacks: list[xgb.callback.TrainingCallback] = [_BuiltInLog()]
    if hyperparameters.early_stopping_rounds:
        callbacks.append(checkpoints.EarlyStopping(hyperparameters.early_stopping_rounds))
    if paths.checkpoints.is_dir():
        callbacks.append(checkpoints.Save(paths.checkpoints, checkpoints.name(told)))
    start = checkpoints.newest(paths.checkpoints, checkpoints.name(told))
    done = start.num_boosted_rounds() if start else 0
    if start:
        print(f"Training goes on from the checkpoint of {done} rounds.", flush=True)
    booster = xgb.train(
        hyperparameters.booster,
        matrices["train"],
        num_boost_round=hyperparameters.num_round - done,
        evals=[(matrix, name) for name, matrix in matrices.items()],
        verbose_eval=False,
        xgb_model=start,
        callbacks=callbacks,
    )
    if hyperparameters.early_stopping_rounds:
        booster = booster[: booster.best_iteration + 1]
    paths.model.parent.mkdir(parents=True, exist_ok=True)
    paths.model.write_bytes(booster.save_raw("ubj"))


def main() -> int:
    """Runs `train`; returns the exit code, and leaves the cause of a failure where SageMaker looks for it."""
    paths = Paths.from_environment()
    try:
        train(paths)
    except (DataError, HyperparameterError) as error:
        cause = str(error)
    except xgb.core.XGBoostError as error:
        # The last line of XGBoost's text is the message, the lines before it are its stack.
        cause = f"XGBoost refused the input: {str(error).strip().splitlines()[-1]}"
    except Exception as error:
        traceback.print_exc()
        cause = f"Internal error: {error}"
    else:
        return 0
    print(cause, file=sys.stderr)
    paths.failure.parent.mkdir(parents=True, exist_ok=True)
    paths.failure.write_text(cause[:_FAILURE_LIMIT])
    return 1
