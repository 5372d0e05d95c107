"""Trains models as retraining does, and measures them on other players, whose true probability is known.

As a program it gets a folder with a folder for each training, `/opt/ml` of its container, and with `held-out.csv`: the
true probability and the features of a player on each line. It prints a line of JSON for each training.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import xgboost as xgb

import decisions
from vwt_common import rows
from vwt_common.paths import Paths
from vwt_evaluate.calibration import recalibration
from vwt_evaluate.values import Floats
from vwt_xgboost import training

_EDGES = (0.0, *decisions.RISK_THRESHOLDS.values(), 1.1)


def area(scores: Floats, truth: Floats) -> float:
    """Computes the AUROC that is expected of labels drawn with these probabilities, which has no noise of labels."""
    _, groups = np.unique(scores, return_inverse=True)
    positives, negatives = (np.bincount(groups, weights=each) for each in (truth, 1 - truth))
    below = np.cumsum(negatives) - negatives / 2
    return float(positives @ below / positives.sum() / negatives.sum())


def shares(scores: Floats) -> Floats:
    """Counts the rows of each group of risk, as shares."""
    return np.array([((scores >= low) & (scores < high)).mean() for low, high in pairwise(_EDGES)])


def measure(root: Path, held_out: xgb.DMatrix, truth: Floats) -> dict[str, object]:
    """Trains in a container's tree; returns how its scores compare with the truth."""
    started = time.process_time()
    with Path(os.devnull).open("w") as log, contextlib.redirect_stdout(log):
        training.train(Paths(root))
    seconds = time.process_time() - started
    booster = xgb.Booster({"nthread": 1}, model_file=str(Paths(root).model))
    scores = booster.predict(held_out).astype(np.float64)
    found = recalibration(truth, scores, np.arange(len(truth)))
    return {
        "lost": area(truth, truth) - area(scores, truth),
        "slope": found["slope"]["value"],
        "intercept": found["intercept"]["value"],
        "ratio": scores.mean() / truth.mean(),
        "groups": (shares(scores) / shares(truth)).tolist(),
        "seconds": seconds,
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    table = rows.parse((folder / "held-out.csv").read_text())
    held_out = xgb.DMatrix(table[:, 1:].astype(np.float32), nthread=1)
    for root in sorted(path for path in folder.iterdir() if path.is_dir()):
        print(json.dumps(measure(root, held_out, table[:, 0])), flush=True)
