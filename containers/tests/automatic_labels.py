"""Simulates what automatic labels do to a model, on players whose truth is known.

As a program it prints, for each world and each way of adding labels, a line of JSON with the figures of as many samples
as its argument says. Its second argument are the hyperparameters, those of a model of problem gambling.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import xgboost as xgb

from vwt_evaluate import ranking
from vwt_evaluate.calibration import recalibration
from vwt_evaluate.values import Features, Floats
from vwt_label.thresholds import Thresholds, thresholds

# Shares of the players with label 1, and of those with label 0, whose records have no label.
UNKNOWN = {"by chance": (0.3, 0.3), "of harm more often": (0.6, 0.3)}
# How sharply harm begins with severity, at which severity, and how loud severity is in the features.
HARM = {"faint": (1.5, 2.8, 2.2), "plain": (6.0, 2.2, 8.0), "obvious": (20.0, 1.8, 30.0)}
WORLDS = list(product(HARM, UNKNOWN))
ADDED = {"none": (), "both": (0, 1), "positives": (1,)}
SPLITS = {"train": 14_000, "validation": 3_000, "test": 12_000}
PRECISION = CONFIDENCE = 0.95
LABELLING_ROUNDS = 100


def players(random: np.random.Generator, count: int, harm: str) -> tuple[Features, Floats]:
    """Draws features and labels: harm shows in some features bent, in some only together, and in most not at all."""
    sharp, begins, loud = HARM[harm]
    severity = random.gamma(0.7, 1.0, count)
    features = random.normal(size=(count, 16))
    features[:, 0] += loud * np.log1p(severity)
    features[:, 1] = np.maximum(0, loud * severity - 1) + 0.7 * features[:, 1]
    features[:, 2] = features[:, 2] * (1 + 0.5 * severity)
    habit = random.random(count) < 0.3
    features[:, 3] += habit
    likely = 1 / (1 + np.exp(-sharp * (severity - begins) - 0.8 * habit * (features[:, 4] > 0)))
    features[random.random(features.shape) < 0.05] = np.nan
    return features.astype(np.float32), (random.random(count) < likely).astype(np.float64)


def sample(
    random: np.random.Generator, world: tuple[str, str], told: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Trains with each way of adding labels on the same players; yields its name and its figures."""
    harm, unknown = world
    hidden = UNKNOWN[unknown]
    data = {split: players(random, count, harm) for split, count in SPLITS.items()}
    known = {split: random.random(len(labels)) >= np.where(labels == 1, *hidden) for split, (_, labels) in data.items()}
    rows = {split: (data[split][0][known[split]], data[split][1][known[split]]) for split in ("train", "validation")}
    labelling = train(told, rows["train"], None)
    found = thresholds(rows["validation"][1], predict(labelling, rows["validation"][0]), PRECISION, CONFIDENCE)
    rest, truth = (each[~known["train"]] for each in data["train"])
    for added, values in ADDED.items():
        given = automatic(found, predict(labelling, rest), values)
        features = np.concatenate((rows["train"][0], rest[given >= 0]))
        labels = np.concatenate((rows["train"][1], given[given >= 0]))
        model = train(told, (features, labels), rows["validation"])
        yield added, {**figures(data["test"], predict(model, data["test"][0])), **mistakes(given, truth)}


def automatic(found: Thresholds, scores: Floats, values: tuple[int, ...]) -> Floats:
    labels = found.labels(scores)
    return np.where(np.isin(labels, values), labels, -1).astype(np.float64)


def train(
    told: Mapping[str, Any], rows: tuple[Features, Floats], validation: tuple[Features, Floats] | None
) -> xgb.Booster:
    """Trains as the pipeline does: with validation rows a model, else one that labels, for as many rounds."""
    parameters = dict(told)
    # A model without patience trains all its rounds.
    rounds, patience = parameters.pop("num_round"), parameters.pop("early_stopping_rounds", None)
    parameters.pop("csv_weights", None)
    matrix = xgb.DMatrix(*rows)
    if validation is None:
        return xgb.train(parameters, matrix, LABELLING_ROUNDS)
    watched = [(xgb.DMatrix(*validation), "validation")]
    booster = xgb.train(parameters, matrix, rounds, evals=watched, early_stopping_rounds=patience, verbose_eval=False)
    return booster if patience is None else booster[: booster.best_iteration + 1]


def predict(model: xgb.Booster, features: Features) -> Floats:
    return np.asarray(model.inplace_predict(features), dtype=np.float64)


def figures(test: tuple[Features, Floats], scores: Floats) -> dict[str, float]:
    labels = test[1]
    likely = np.clip(scores, 1e-15, 1 - 1e-15)
    corrected = recalibration(labels, scores, np.arange(len(labels)))
    return {
        "auroc": ranking.area(labels, scores),
        "logLoss": float(-np.log(np.where(labels == 1, likely, 1 - likely)).mean()),
        "ratio": float(scores.mean() / labels.mean()),
        "slope": corrected["slope"]["value"],
    }


def mistakes(given: Floats, truth: Floats) -> dict[str, float]:
    """Counts the labels given, and the players with label 1 among those labelled 0."""
    return {
        "ones": float((given == 1).sum()),
        "zeros": float((given == 0).sum()),
        "hidden": float(truth.sum()),
        "hiddenAsZero": float(truth[given == 0].sum()),
    }


if __name__ == "__main__":
    runs, told = int(sys.argv[1]), json.loads(sys.argv[2])
    for world in WORLDS:
        found: dict[str, list[dict[str, float]]] = {added: [] for added in ADDED}
        for run in range(runs):
            for added, each in sample(np.random.default_rng(20_260_101 + run), world, told):
                found[added].append(each)
        for added, all_of in found.items():
            print(json.dumps({"harm": world[0], "unknown": world[1], "added": added, "samples": all_of}), flush=True)
