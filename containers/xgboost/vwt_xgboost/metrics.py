"""The metrics of the built-in XGBoost 3.0-5: their names, which it computes itself, and which one stops a training.

Source: constants/xgb_constants.py, algorithm_mode/train_utils.py and metrics/custom_metrics.py of
aws/sagemaker-xgboost-container, v3.0-5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from vwt_common import contract

from .errors import UserError

# Less of them is better; of those that the contract lists, more is.
_MINIMIZED = (
    *("aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik", "interval-regression-accuracy"),
    *("logloss", "mae", "mape", "merror", "mlogloss", "mphe", "mse", "poisson-nloglik", "rmse", "rmsle"),
    "tweedie-nloglik",
)


def is_maximised(metric: str) -> bool:
    """Tells whether more of a metric is better."""
    return metric in contract.MAXIMISED_METRICS


def names() -> tuple[str, ...]:
    """Lists all metrics that a training may be measured by."""
    return (*contract.MAXIMISED_METRICS, *_MINIMIZED)


_Values = NDArray[np.float32]
_Custom = Callable[[_Values, xgb.DMatrix], list[tuple[str, float]]]

# Metrics that the built-in computes itself although XGBoost could, of predictions in the label's own unit.
_OWN: Mapping[str, Callable[[_Values, _Values], Any]] = {
    "mae": lambda labels, scores: np.abs(labels - scores).mean(),
    "mse": lambda labels, scores: np.square(labels - scores).mean(),
    "rmse": lambda labels, scores: np.sqrt(np.square(labels - scores).mean()),
    "r2": lambda labels, scores: 1 - np.square(labels - scores).sum() / np.square(labels - labels.mean()).sum(),
}
# It computes these too, but takes every prediction above 0 for the class 1, which every probability is.
_OF_CLASSES = frozenset(
    ("accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "precision", "precision_macro", "precision_micro")
) | {"recall", "recall_macro", "recall_micro"}


class Metrics(NamedTuple):
    """The metrics of a training.

    Attributes:
        of_xgboost: For its `eval_metric`; empty for the objective's own.
        custom: Computes the others; None without.
        stopping: The metric of early stopping, if any.
    """

    of_xgboost: list[str]
    custom: _Custom | None
    stopping: str | None


def chosen(given: Sequence[str], tuned: str | None) -> Metrics:
    """Sorts the metrics of a training by who computes them.

    Args:
        given: The hyperparameter `eval_metric`.
        tuned: The hyperparameter `_tuning_objective_metric`, such as `validation:auc`, by which early stopping goes.

    Raises:
        UserError: A metric of classes, which means nothing in 3.0-5.
    """
    objective = tuned.partition(":")[2].split(",") if tuned else []
    names = sorted({*objective, *given}) if objective and given else [*objective, *given]
    if meaningless := sorted(_OF_CLASSES.intersection(names)):
        raise UserError(f"In 3.0-5 the metric {meaningless[0]} takes every probability for class 1; choose another.")
    own = [name for name in names if name in _OWN]

    def custom(scores: _Values, rows: xgb.DMatrix) -> list[tuple[str, float]]:
        return [(name, float(_OWN[name](rows.get_label(), scores))) for name in own]

    decisive = objective or given
    rest = [name for name in names if name not in _OWN]
    return Metrics(rest, custom if own else None, decisive[-1] if decisive else None)
