"""Simulates candidates beside a champion on few positives, for whoever judges them.

As a program it prints, for each case of `CASES`, a line of JSON with `positives`, `better` and the evaluations of as
many samples as its argument says, in the form of `evaluation.json` as far as the gate reads it.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

import numpy as np

from vwt_evaluate import binary, resampling
from vwt_evaluate.risk_groups import risk_groups
from vwt_evaluate.values import Floats

CASES = [(positives, better) for positives in (50, 200, 1000) for better in (0.0, -0.024, 0.024)]
RATE, BUDGET = 0.08, 0.05
RISK_THRESHOLDS = {"moderate": 0.1, "high": 0.3, "severe": 0.6}
CHAMPION_AUROC = 0.83
# Of the scores' log odds within a class: two models that learnt from much the same records.
CORRELATION = 0.9


def sample(random: np.random.Generator, positives: int, better: float) -> tuple[Floats, dict[str, Floats]]:
    """Draws rows of two calibrated scorers, of which the candidate's AUROC is better by so much."""
    rows = round(positives / RATE)
    labels = np.zeros(rows)
    labels[:positives] = 1
    shared = random.normal(size=rows) * math.sqrt(CORRELATION)
    scores = {}
    for name, area in (("candidate", CHAMPION_AUROC + better), ("champion", CHAMPION_AUROC)):
        distance = math.sqrt(2) * NormalDist().inv_cdf(area)
        seen = shared + random.normal(size=rows) * math.sqrt(1 - CORRELATION) + distance * labels
        odds = distance * seen - distance**2 / 2 + math.log(RATE / (1 - RATE))
        scores[name] = 1 / (1 + np.exp(-odds))
    return labels, scores


def evaluations(positives: int, better: float, runs: int) -> Iterator[dict[str, Any]]:
    """Evaluates samples of a case, seeded."""
    random = np.random.default_rng(20_260_101)
    for _ in range(runs):
        labels, predictions = sample(random, positives, better)
        # Baselines are as good as surely beaten, and would take as long again.
        metrics, differences = binary.evaluate(labels, predictions, BUDGET)
        rows = np.arange(len(labels))
        for name, each in metrics.items():
            del each["calibration"]["bins"]
            each["riskGroups"] = risk_groups(labels, predictions[name], np.ones(len(labels)), rows, RISK_THRESHOLDS)
        yield {
            "data": {"rows": len(labels), "positives": positives},
            "candidate": {"metrics": metrics["candidate"]},
            "champion": {"metrics": metrics["champion"]},
            "baselines": {},
            "differences": differences,
        }


if __name__ == "__main__":
    # Of the evaluation's 1,000, so many give nearly the same intervals in a fifth of the time.
    resampling._RESAMPLES = resampling._LEAST_RESAMPLES = 200
    for positives, better in CASES:
        found = list(evaluations(positives, better, int(sys.argv[1])))
        print(json.dumps({"positives": positives, "better": better, "evaluations": found}), flush=True)
