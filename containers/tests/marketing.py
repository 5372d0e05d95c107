"""Trains a model of amounts as a run does, and measures it beside each of its features alone.

As a program it takes a folder that stands for `/opt/ml` of a training, with the test rows beside its channels, and the
model's scaling as the evaluation takes it. It prints a line of JSON: of the model and of the best feature, the
Tweedie deviance and the Gini; and the model's ratio of sums.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb

from vwt_common.paths import Paths
from vwt_evaluate import ranking, regression
from vwt_evaluate.data import MAXIMUM_ROWS, read_rows
from vwt_evaluate.scaling import Scaling
from vwt_evaluate.values import Features, Floats
from vwt_xgboost import training

_BINS = 100


def curve(known: Features, labels: Floats, values: Features) -> Floats:
    """Scores values by the mean label of the hundredth of the known ones that each is in; unknown ones are a bin too.

    A bin has three more rows of the mean of all.
    """
    present = ~np.isnan(known)
    edges = np.unique(np.quantile(known[present], np.linspace(0, 1, _BINS + 1)[1:-1])) if present.any() else known[:0]

    def bins(of: Features) -> Any:
        return np.where(np.isnan(of), len(edges) + 1, np.searchsorted(edges, of, side="right"))

    found, count = bins(known), len(edges) + 2
    sums = np.bincount(found, weights=labels, minlength=count) + 3 * labels.mean()
    means: Floats = sums / (np.bincount(found, minlength=count) + 3)
    return means[bins(values)]


def measured(root: Path, scaling: Scaling) -> dict[str, Any]:
    """Trains, and measures on the test rows."""
    paths = Paths(root)
    with contextlib.redirect_stdout(io.StringIO()):
        training.train(paths)
    channel = root / "input" / "data"
    splits = ("train", "validation", "test")
    *read, test = (scaling.restore(read_rows(channel / name, name, MAXIMUM_ROWS)) for name in splits)
    booster = xgb.Booster(model_file=bytearray(paths.model.read_bytes()))
    scores = scaling.scales(test.features) * booster.inplace_predict(test.features)
    known = {name: np.concatenate([getattr(each, name) for each in read]) for name in ("features", "labels")}
    # As they are, those in money with what keeps them above 0, and by the curve that the other rows make of them.
    raw = np.nan_to_num(test.features.T.astype(np.float64), nan=-np.inf)
    curves = [
        curve(*each) for each in zip(known["features"].T, [known["labels"]] * len(raw), test.features.T, strict=True)
    ]
    features = [*raw, *curves]
    ginis = [ranking.rank(test.labels, each).gini() for each in features]
    amounts = np.stack([*scaling.parts(test.features).values(), *curves])
    return {
        "gini": ranking.rank(test.labels, scores).gini(),
        "deviance": float(regression.deviance(test.labels, scores).mean()),
        "ratioOfSums": float(scores.sum() / test.labels.sum()),
        "best": {
            "gini": max(ginis),
            "feature": int(np.argmax(ginis)) % len(raw),
            "deviance": float(regression.deviance(test.labels, amounts).mean(axis=1).min()),
        },
    }


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), Scaling.parse(sys.argv[2]))), flush=True)
