"""`train`: channels in, one booster out, as the built-in XGBoost 3.0-5 trains on one instance.

Source: algorithm_mode/train.py of aws/sagemaker-xgboost-container, v3.0-5, and _trainer.py of aws/sagemaker-containers.
"""

from __future__ import annotations

import json
import traceback
from typing import Any

import xgboost as xgb

from vwt_common import failure, labels
from vwt_common.paths import Paths

from . import checkpoints, data, hyperparameters, metrics
from .differences import Difference
from .errors import AlgorithmError, UserError

# Parts of XGBoost's messages for what the built-in calls the caller's fault.
_USERS_FAULT = (
    "label must be in [0,1] for logistic regression",
    "label must be in [0, num_class)",
    "feature_names mismatch",
    "Check failed: preds.size() == info.labels_.size()",
    "label must be nonnegative",
    "Parameter reg_lambda should be greater equal to 0",
)


class _Log(xgb.callback.TrainingCallback):  # type: ignore[misc]  # xgboost ships no type of its base class
    """Prints one line a round, whose metrics SageMaker's definitions of the built-in find."""

    def after_iteration(self, model: xgb.Booster, _epoch: int, evals_log: dict[str, Any]) -> bool:
        scores = (
            f"{channel}-{metric}:{history[-1]:.5f}"
            for channel, found in evals_log.items()
            for metric, history in found.items()
        )
        # Syslog writes a tab as #011, and the built-in's lines reach CloudWatch through it.
        print("#011".join((f"[{model.num_boosted_rounds() - 1}]", *scores)), flush=True)
        return False


def _check_classes(matrix: xgb.DMatrix, name: str, objective: str) -> None:
    if not objective.startswith("binary:"):
        return
    if fault := labels.fault(matrix.get_label()):
        raise UserError(f"The channel '{name}' {fault}; {objective} needs rows of both.")


def _read_channels(paths: Paths, told: dict[str, Any]) -> dict[str, xgb.DMatrix]:
    if paths.channels.is_file():
        data.check_configuration(paths.channels)
    names = ["train"] + ["validation"] * paths.channel("validation").is_dir()
    weights = bool(told.get("csv_weights"))
    matrices = {name: data.read_channel(paths.channel(name), name, weights) for name in names}
    if Difference.REFUSES_LABELS_OF_ONE_CLASS.applies:
        for name, matrix in matrices.items():
            _check_classes(matrix, name, told.get("objective", ""))
    return matrices


def train(paths: Paths) -> None:
    """Trains on the channels of the tree and writes the booster, cut after its best round.

    Raises:
        UserError: See `hyperparameters.parse` and `data.read_channel`; also labels that do not fit the objective.
        AlgorithmError: Anything else that XGBoost refuses.
    """
    raw = json.loads(paths.hyperparameters.read_text())
    told = hyperparameters.parse(raw)
    matrices = _read_channels(paths, told)
    measured = metrics.chosen(told.pop("eval_metric", []), told.pop("_tuning_objective_metric", None))
    patience, rounds = told.pop("early_stopping_rounds", None), told.pop("num_round")
    for other in ("csv_weights", "save_model_on_termination"):
        told.pop(other, None)

    callbacks: list[xgb.callback.TrainingCallback] = [_Log()]
    if patience and measured.stopping and "validation" in matrices:
        callbacks.append(checkpoints.EarlyStopping(patience, measured.stopping))
    elif patience and Difference.STOPS_EARLY_OR_NOT_AT_ALL.applies:
        raise UserError("Early stopping needs the channel 'validation' and an eval_metric; one is missing.")
    start = None
    if paths.checkpoints.is_dir():
        kept = checkpoints.of(paths.checkpoints, raw)
        callbacks.append(kept.save)
        start = kept.newest
    done = start.num_boosted_rounds() if start else 0
    if start:
        print(f"Training goes on from the checkpoint of {done} rounds.", flush=True)
    try:
        booster = xgb.train(
            {**told, **({"eval_metric": measured.of_xgboost} if measured.of_xgboost else {})},
            matrices["train"],
            num_boost_round=rounds - done,
            evals=[(matrix, name) for name, matrix in matrices.items()],
            custom_metric=measured.custom,
            verbose_eval=False,
            xgb_model=start,
            callbacks=callbacks,
        )
    except Exception as error:
        text = str(error)
        if any(part in text for part in _USERS_FAULT):
            raise UserError(text) from error
        raise AlgorithmError(f"XGB train call failed with exception:\n {text}") from error
    # Early stopping alone sets it.
    if booster.attr("best_iteration"):
        booster = booster[: booster.best_iteration + 1]
    paths.model.parent.mkdir(parents=True, exist_ok=True)
    paths.model.write_bytes(booster.save_raw("ubj"))


def main() -> int:
    """Runs `train`; returns the exit code, and leaves the cause of a failure where SageMaker looks for it."""
    paths = Paths.from_environment()
    try:
        train(paths)
    except Exception as error:
        expected = isinstance(error, (UserError, AlgorithmError)) and Difference.FAILS_IN_ONE_SENTENCE.applies
        cause = _sentence(error) if expected else f"framework error: \n{traceback.format_exc()}\n{error}"
    else:
        return 0
    return failure.tell(cause, paths.failure)


def _sentence(error: Exception) -> str:
    """Cuts the stack off that XGBoost puts below its message."""
    return " ".join([line.strip() for line in str(error).splitlines() if line.strip()][:2])
