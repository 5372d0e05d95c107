"""Parses the hyperparameters of the built-in XGBoost 3.0-5: strings in, checked values out.

Source: algorithm_mode/hyperparameter_validation.py of aws/sagemaker-xgboost-container, v3.0-5.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import metrics
from .errors import UserError


@dataclass(frozen=True)
class _Rule:
    """A parser of one hyperparameter, and the values that it takes."""

    parse: Callable[[str], Any]
    takes: Callable[[Any], bool]
    range: str


def _interval(kind: type, low: float, high: float = math.inf, bounds: str = "[]") -> _Rule:
    """Makes the rule of numbers between two bounds; a round bracket leaves a bound out."""

    def takes(value: float) -> bool:
        above = value > low if bounds[0] == "(" else value >= low
        return above and (value < high if bounds[1] == ")" else value <= high)

    return _Rule(kind, takes, f"{bounds[0]}{low}, {high}{bounds[1]}")


def _one_of(*choices: str) -> _Rule:
    return _Rule(str, choices.__contains__, str(list(choices)))


def _metric(name: str) -> bool:
    base, threshold, value = name.partition("@")
    if not threshold:
        return base in metrics.names()
    try:
        return base.strip() in ("error", "ndcg", "map") and math.isfinite(float(value))
    except ValueError:
        return False


def _share() -> _Rule:
    return _interval(float, 0, 1, "(]")


_RULES: Mapping[str, _Rule] = {
    "_tuning_objective_metric": _one_of(*(f"validation:{name}" for name in metrics.names())),
    "aft_loss_distribution": _one_of("normal", "logistic", "extreme"),
    "aft_loss_distribution_scale": _interval(float, 0),
    "alpha": _interval(float, 0),
    "base_score": _interval(float, 0),
    "booster": _one_of("gbtree", "gblinear", "dart"),
    "colsample_bylevel": _share(),
    "colsample_bynode": _share(),
    "colsample_bytree": _share(),
    "csv_weights": _interval(int, 0, 1),
    "deterministic_histogram": _one_of("true", "false"),
    "early_stopping_rounds": _interval(int, 1),
    "eta": _interval(float, 0, 1),
    # Neither trimmed nor sorted: "auc, logloss" is refused.
    "eval_metric": _Rule(lambda text: text.split(","), lambda names: all(map(_metric, names)), str(metrics.names())),
    "gamma": _interval(float, 0),
    "grow_policy": _one_of("depthwise", "lossguide"),
    "interaction_constraints": _Rule(
        ast.literal_eval, lambda groups: all(each >= 1 for group in groups for each in group), "[1, inf]"
    ),
    "lambda": _interval(float, 0),
    "lambda_bias": _interval(float, 0, 1),
    "max_bin": _interval(int, 0),
    "max_delta_step": _interval(float, 0),
    "max_depth": _interval(int, 0),
    "max_leaves": _interval(int, 0),
    "min_child_weight": _interval(float, 0),
    "monotone_constraints": _Rule(
        ast.literal_eval, lambda signs: all(each in (-1, 0, 1) for each in signs), "[-1, 0, 1]"
    ),
    "normalize_type": _one_of("tree", "forest"),
    "nthread": _interval(int, 1),
    "num_class": _interval(int, 2),
    "num_parallel_tree": _interval(int, 1),
    "num_round": _interval(int, 1),
    "objective": _one_of(
        *("aft_loss_distribution", "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson"),
        *("multi:softmax", "multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear"),
        *("reg:squarederror", "reg:logistic", "reg:gamma", "reg:pseudohubererror", "reg:squaredlogerror"),
        *("reg:absoluteerror", "reg:tweedie", "survival:aft", "survival:cox"),
    ),
    "one_drop": _interval(int, 0, 1),
    "rate_drop": _interval(float, 0, 1),
    "sample_type": _one_of("uniform", "weighted"),
    "sampling_method": _one_of("uniform", "gradient_based"),
    "save_model_on_termination": _one_of("true", "false"),
    "scale_pos_weight": _interval(float, 0, bounds="(]"),
    "seed": _interval(int, -(2**31), 2**31 - 1, "()"),
    "sketch_eps": _interval(float, 0, 1, "()"),
    "skip_drop": _interval(float, 0, 1),
    "subsample": _share(),
    "tree_method": _one_of("auto", "exact", "approx", "hist", "gpu_hist"),
    "tweedie_variance_power": _interval(float, 1, 2, "()"),
    "verbosity": _interval(int, 0, 3),
}
_ALIASES = {"learning_rate": "eta", "min_split_loss": "gamma", "reg_lambda": "lambda", "reg_alpha": "alpha"}
# Hyperparameters that the built-in has besides, and this program does not do.
_NOT_HERE = frozenset(
    ("_kfold", "_num_cv_round", "dsplit", "predictor", "prob_buffer_row", "process_type", "refresh_leaf", "updater")
) | {"use_dask_gpu_training"}


def _check_together(values: Mapping[str, Any]) -> None:
    """Refuses values that do not go together."""
    tree_method = values.get("tree_method")
    if values.get("objective") in ("multi:softmax", "multi:softprob") and "num_class" not in values:
        raise UserError("Require input for parameter 'num_class' for multi-classification")
    if "monotone_constraints" in values and tree_method not in ("exact", "hist"):
        raise UserError("monotone_constraints can be used only when tree_method is 'exact' or 'hist'.")
    if "interaction_constraints" in values and tree_method not in ("exact", "hist", "approx"):
        raise UserError("interaction_constraints can be used only when tree_method is 'exact', 'hist' or 'approx'.")
    if metrics := values.get("eval_metric"):
        # As there, a KeyError: who names metrics must name the objective too.
        objective: str = values["objective"]
        if "auc" in metrics and not objective.startswith(("binary:", "rank:")):
            raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
        if "aft-nloglik" in metrics and objective != "survival:aft":
            raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")


def parse(raw: Mapping[str, str]) -> dict[str, Any]:
    """Converts the strings of `hyperparameters.json`.

    Raises:
        UserError: A name that the algorithm does not have, a value that it does not take, no `num_round`, or values
            that do not go together.
        KeyError: Metrics without objective.
    """
    told = {_ALIASES.get(name, name): text for name, text in raw.items()}
    if "num_round" not in told:
        raise UserError("Missing required hyperparameter: num_round")
    values: dict[str, Any] = {}
    for name, text in told.items():
        if name in _NOT_HERE:
            raise UserError(f"Hyperparameter {name}: the built-in image has it, this program does not; leave it out.")
        rule = _RULES.get(name)
        if rule is None:
            raise UserError(f"Extraneous hyperparameter found: {name}")
        try:
            value = rule.parse(text)
        except ValueError as error:
            raise UserError(f"Hyperparameter {name}: could not parse value (caused by ValueError)") from error
        if not rule.takes(value):
            raise UserError(f"Hyperparameter {name}: {value} is not in {rule.range}")
        values[name] = value
    _check_together(values)
    return values
