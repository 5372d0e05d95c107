"""Simulates models of stakes beside a champion and players who go on as before, for whoever judges them.

As a program it prints, for each case of `CASES`, a line of JSON with `rows`, `kind` and the evaluations of as many
samples as its argument says, in the form of `evaluation.json` as far as the gate reads it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from vwt_evaluate import regression, resampling
from vwt_evaluate.values import Floats

# Errors of a candidate's logarithms, of which a champion has CHAMPION: by them the mean deviance is 3 % more or less.
CHAMPION, SHARED = 0.3, 0.9
KINDS: Mapping[str, float] = {"equal": 0.3, "worse": 0.5, "better": 0.0}
# Knows no more than the player's own stake, against a champion that knows as little.
NAIVE = "naive"
CASES = [(rows, kind) for rows in (900, 3000) for kind in (*KINDS, NAIVE)]


def sample(random: np.random.Generator, rows: int, kind: str) -> tuple[Floats, dict[str, Floats]]:
    """Draws the stakes of a day, and what candidate, champion and the own stake of before say of them.

    Seven of ten players stake nothing, the own stake has a heavy tail, and the mean is it times a change.
    """
    own = np.exp(random.normal(2, 1.4, rows))
    change = random.normal(-0.2, 0.6, rows)
    mean = own * np.exp(change)
    labels = np.where(random.random(rows) < 0.3, mean / 0.3 * np.exp(random.normal(-0.32, 0.8, rows)), 0).round(2)
    error = random.normal(size=rows)

    def model(deviation: float) -> Floats:
        mixed = np.sqrt(SHARED) * error + np.sqrt(1 - SHARED) * random.normal(size=rows)
        scores: Floats = mean * np.exp(deviation * mixed - deviation**2 / 2)
        return scores

    def naive() -> Floats:
        scores: Floats = own * np.exp(random.normal(-0.05, 0.05, rows))
        return scores

    candidate = naive() if kind == NAIVE else model(KINDS[kind])
    return labels, {"candidate": candidate, "champion": naive() if kind == NAIVE else model(CHAMPION), "own": own}


def evaluations(rows: int, kind: str, runs: int) -> Iterator[dict[str, Any]]:
    """Evaluates samples of a case, seeded."""
    random = np.random.default_rng(20_260_102)
    for _ in range(runs):
        labels, predictions = sample(random, rows, kind)
        metrics, differences = regression.evaluate(labels, predictions)
        for each in metrics.values():
            del each["calibration"]
        yield {
            "data": {"rows": rows},
            "candidate": {"metrics": metrics["candidate"]},
            "champion": {"metrics": metrics["champion"]},
            "baselines": {"own": {"metrics": metrics["own"]}},
            "differences": differences,
        }


if __name__ == "__main__":
    # Of the evaluation's 1,000, so many give nearly the same intervals in a fifth of the time.
    resampling._RESAMPLES = resampling._LEAST_RESAMPLES = 200
    for rows, kind in CASES:
        found = list(evaluations(rows, kind, int(sys.argv[1])))
        print(json.dumps({"rows": rows, "kind": kind, "evaluations": found}), flush=True)
