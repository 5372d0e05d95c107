"""What the simulation of hazards measures, and why training rows lack what operators may leave out."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost as xgb

import hazard
import samples  # noqa: F401  # before XGBoost is loaded
from vwt_evaluate.values import Floats


def test_true_probabilities_are_a_perfect_score() -> None:
    true = np.random.default_rng(1).beta(0.5, 5, 2000)
    found = hazard.measures(true, true, true, [0.1, 0.3])
    assert found["mean"] == found["rate"] == pytest.approx(true.mean())
    assert found["slope"] == pytest.approx(1)
    for least, share in zip([0.1, 0.3], found["shares"], strict=True):
        assert share == dict.fromkeys(["score", "best", "true"], pytest.approx((true >= least).mean()))


def test_scores_that_are_too_timid_have_a_slope_above_1_and_smaller_groups() -> None:
    true = np.random.default_rng(2).beta(0.5, 5, 2000)
    odds = np.log(true / (1 - true))
    timid = 1 / (1 + np.exp(-0.5 * odds + 0.5 * np.log(9)))
    found = hazard.measures(true, timid, true, [0.3])
    assert found["slope"] > 1.5
    assert found["shares"][0]["score"] < 0.7 * found["shares"][0]["true"]


def players(seed: int, rows: int = 4000) -> tuple[Floats, Floats]:
    """Draws features and probabilities; the first feature tells most, and no row lacks it."""
    features = np.random.default_rng(seed).normal(size=(rows, 3))
    return features, 1 / (1 + np.exp(3.5 - 1.5 * features[:, 0] - 0.5 * features[:, 1]))


@pytest.mark.parametrize(("omitted", "least", "most"), [(0.0, 1.5, np.inf), (0.3, 0.9, 1.1)])
def test_an_operator_that_leaves_out_what_nobody_else_does_is_judged_rightly_only_with_omissions(
    omitted: float, least: float, most: float
) -> None:
    random = np.random.default_rng(3)
    features, true = players(4)
    features[random.random(len(features)) < omitted, 0] = np.nan
    # Of the probabilities themselves, so that no chance is in it.
    trained = xgb.train(
        {"objective": "binary:logistic", "max_depth": 3, "eta": 0.1}, xgb.DMatrix(features, true), num_boost_round=60
    )
    others, rates = players(5)
    others[:, 0] = np.nan
    found = hazard.measures(rates, trained.predict(xgb.DMatrix(others)).astype(np.float64), rates, [])
    assert least < found["mean"] / found["rate"] < most
