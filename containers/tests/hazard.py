"""Trains on rows of a world of hazards, and measures by operator how far scores are what is true there.

As a program it takes a folder and thresholds of risk groups. The folder has the tree of a training job, and
`scored.csv` and `reference.csv`: true probability, index of the operator, features. It prints a line of JSON for each
operator, and one for all.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb

from vwt_common.paths import Paths
from vwt_evaluate.calibration import recalibration
from vwt_evaluate.values import Floats
from vwt_xgboost import serving, training

# Deeper and longer than a model that has to learn from labels: this one is told the probabilities themselves.
_REFERENCE = {"objective": "binary:logistic", "max_depth": 6, "eta": 0.1, "min_child_weight": 5, "subsample": 0.8}
_ROUNDS = 300


def best_scores(reference: Floats, features: Floats) -> Floats:
    """Estimates the mean probability of players with such features: no score that sees no more can be better."""
    known = xgb.DMatrix(reference[:, 2:], reference[:, 0])
    scores: Floats = xgb.train(_REFERENCE, known, _ROUNDS).predict(xgb.DMatrix(features)).astype(np.float64)
    return scores


def measures(true: Floats, scores: Floats, best: Floats, thresholds: Sequence[float]) -> dict[str, Any]:
    """Compares scores with probabilities: their means, the slope between their log odds, and shares of players."""
    by = {"score": scores, "best": best, "true": true}
    return {
        "rate": float(true.mean()),
        "mean": float(scores.mean()),
        "slope": recalibration(true, scores, np.arange(len(true)))["slope"]["value"],
        "shares": [{name: float((each >= least).mean()) for name, each in by.items()} for least in thresholds],
    }


if __name__ == "__main__":
    paths = Paths(Path(sys.argv[1]))
    with redirect_stdout(sys.stderr):
        training.train(paths)
    scored, reference = (np.loadtxt(paths.root / name, delimiter=",") for name in ("scored.csv", "reference.csv"))
    scores = serving.Model(paths.model).predict(scored[:, 2:]).astype(np.float64)
    best = best_scores(reference, scored[:, 2:])
    thresholds = [float(each) for each in sys.argv[2:]]
    operators = scored[:, 1]
    for of in (*(operators == each for each in np.unique(operators)), operators >= 0):
        print(json.dumps(measures(scored[of, 0], scores[of], best[of], thresholds)), flush=True)
