"""Simulates scores that mean what they say, and scores that do not, for the rules about calibration.

As a program it prints a line of JSON for each world and number of positives: the shares of samples, as many as its
argument says, that are refused by the groups of risk, by slope and intercept, and by the groups alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping

import numpy as np

import decisions
from vwt_evaluate.calibration import recalibration
from vwt_evaluate.risk_groups import risk_groups
from vwt_evaluate.values import Floats, JsonObject

POSITIVES = (50, 200, 1000)
# Log odds of a player whose score is right; the rate of label 1 comes to 8 %.
MIDDLE, DEVIATION, RATE = -3.15, 1.35, 0.083
# The bounds of slope and intercept of the default gate.
SLOPES, INTERCEPTS = (0.8, 1.25), (-0.2, 0.2)


def _likely(odds: Floats) -> Floats:
    likely: Floats = 1 / (1 + np.exp(-odds))
    return likely


# By world, scores and true probabilities from log odds of the truth.
WORLDS: Mapping[str, Callable[[Floats], tuple[Floats, Floats]]] = {
    "right": lambda odds: (_likely(odds), _likely(odds)),
    "twice the odds": lambda odds: (_likely(odds + np.log(2)), _likely(odds)),
    "too extreme": lambda odds: (_likely((odds - MIDDLE) / 0.75 + MIDDLE), _likely(odds)),
    "no risk is above 0.2": lambda odds: (_likely(odds), np.minimum(_likely(odds), 0.2)),
    "no risk is above 0.3": lambda odds: (_likely(odds), np.minimum(_likely(odds), 0.3)),
}


def sample(random: np.random.Generator, world: str, positives: int) -> tuple[Floats, Floats]:
    """Draws labels, of which about so many are 1, and the scores of their rows."""
    scores, truth = WORLDS[world](random.normal(MIDDLE, DEVIATION, round(positives / RATE)))
    return (random.random(len(truth)) < truth).astype(np.float64), scores


def refused(labels: Floats, scores: Floats) -> tuple[bool, bool]:
    """Tells whether the groups of risk refuse the scores, and whether slope and intercept do."""
    rows = np.arange(len(labels))
    groups = risk_groups(labels, scores, np.ones(len(labels)), rows, decisions.RISK_THRESHOLDS)
    found = recalibration(labels, scores, rows)
    beyond = (_beyond(found["slope"], SLOPES), _beyond(found["intercept"], INTERCEPTS))
    return groups["outside"] > 0, any(beyond)


def _beyond(estimate: JsonObject, bounds: tuple[float, float]) -> bool:
    return bool(estimate["high"] < bounds[0] or estimate["low"] > bounds[1])


def shares(world: str, positives: int, runs: int) -> dict[str, float]:
    """Counts samples that are refused, as shares of all, seeded."""
    random = np.random.default_rng(20_260_101)
    found = np.array([refused(*sample(random, world, positives)) for _ in range(runs)])
    groups, curve = found.T
    return {"groups": groups.mean(), "curve": curve.mean(), "alone": (groups & ~curve).mean()}


if __name__ == "__main__":
    for world in WORLDS:
        for positives in POSITIVES:
            line = {"world": world, "positives": positives, **shares(world, positives, int(sys.argv[1]))}
            print(json.dumps(line), flush=True)
