"""The hyperparameters of the built-in XGBoost algorithm: strings in, checked values out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class HyperparameterError(ValueError):
    """A hyperparameter that is unknown, missing or out of range; its text names it, its value and the fix."""


@dataclass(frozen=True)
class Hyperparameters:
    """What `xgboost.train` takes.

    Attributes:
        num_round: Boosting rounds, at least 1.
        early_stopping_rounds: Rounds without improvement of the last metric before training stops, if any.
        booster: Parameters of the booster, converted.
    """

    num_round: int
    early_stopping_rounds: int | None
    booster: dict[str, Any]


def _number(low: float = -math.inf, high: float = math.inf) -> Callable[[str], float]:
    def convert(text: str) -> float:
        value = float(text)
        if not (low <= value <= high and math.isfinite(value)):
            raise ValueError(f"must be between {low:g} and {high:g}")
        return value

    return convert


def _integer(low: int, high: int = 2**31 - 1) -> Callable[[str], int]:
    def convert(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(f"must be between {low} and {high}")
        return value

    return convert


def _one_of(*choices: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text

    return convert


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


# SageMaker tells the jobs of a tuning job so which metric they are compared by, such as `validation:auc`.
_TUNED = "_tuning_objective_metric"

_CONVERTERS: dict[str, Callable[[str], Any]] = {
    _TUNED: lambda text: text.strip('"').partition(":")[2],
    "alpha": _number(0),
    "base_score": _number(),
    "booster": _one_of("gbtree", "dart"),
    "colsample_bylevel": _number(0, 1),
    "colsample_bynode": _number(0, 1),
    "colsample_bytree": _number(0, 1),
    "early_stopping_rounds": _integer(1),
    "eta": _number(0, 1),
    "eval_metric": _names,
    "gamma": _number(0),
    "grow_policy": _one_of("depthwise", "lossguide"),
    "huber_slope": _number(0),
    "interaction_constraints": str,
    "lambda": _number(0),
    "max_bin": _integer(2),
    "max_delta_step": _number(0),
    "max_depth": _integer(0),
    "max_leaves": _integer(0),
    "min_child_weight": _number(0),
    "monotone_constraints": str,
    "nthread": _integer(1),
    "num_class": _integer(2),
    "num_parallel_tree": _integer(1),
    "num_round": _integer(1),
    "objective": str,
    "sampling_method": _one_of("uniform"),
    "scale_pos_weight": _number(0),
    "seed": _integer(0),
    "subsample": _number(0, 1),
    "tree_method": _one_of("auto", "exact", "approx", "hist"),
    "tweedie_variance_power": _number(1, 2),
    "verbosity": _integer(0, 3),
}


def parse(raw: Mapping[str, str]) -> Hyperparameters:
    """Converts the strings of `hyperparameters.json`.

    Raises:
        HyperparameterError: A name the algorithm does not have, a value it cannot take, or no `num_round`.
    """
    values: dict[str, Any] = {"objective": "reg:squarederror", "seed": 0}
    for name, text in raw.items():
        convert = _CONVERTERS.get(name)
        if convert is None:
            raise HyperparameterError(f"Unknown hyperparameter '{name}'; known are {', '.join(_CONVERTERS)}.")
        try:
            values[name] = convert(text)
        except ValueError as error:
            raise HyperparameterError(f"Hyperparameter '{name}' has the value '{text}': {error}.") from error
    if "num_round" not in values:
        raise HyperparameterError("Hyperparameter 'num_round' is missing; give the number of boosting rounds.")
    tuned = values.pop(_TUNED, "")
    if tuned and tuned not in values.get("eval_metric", []):
        # First, because early stopping is by the last.
        values["eval_metric"] = [tuned, *values.get("eval_metric", [])]
    return Hyperparameters(
        num_round=values.pop("num_round"),
        early_stopping_rounds=values.pop("early_stopping_rounds", None),
        booster=values,
    )
