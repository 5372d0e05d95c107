"""From which score on, and up to which, a labelling model is right often enough. The method: LABELLING.md."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from vwt_evaluate.values import Floats, Indices

# Thresholds that are looked at for each label.
CANDIDATES = 50
UNSURE = -1


@dataclass(frozen=True)
class Threshold:
    """Where a label begins.

    Attributes:
        score: The least score that gets label 1, or the largest that gets label 0.
        precision: Share of the held-out rows there that have the label.
        lower_bound: What that share is at least, of all rows alike, with the confidence asked for.
    """

    score: float
    precision: float
    lower_bound: float


@dataclass(frozen=True)
class Thresholds:
    """Where the labels begin; None where no threshold makes a label precise enough.

    Attributes:
        positive: Scores from here on get label 1.
        negative: Scores up to here get label 0; below `positive`.
    """

    positive: Threshold | None
    negative: Threshold | None

    def labels(self, scores: Floats) -> Indices:
        """1, 0 or `UNSURE`."""
        labels = np.full(len(scores), UNSURE, dtype=np.intp)
        if self.negative:
            labels[scores <= self.negative.score] = 0
        if self.positive:
            labels[scores >= self.positive.score] = 1
        return labels

    def certainties(self, scores: Floats) -> Floats:
        """What to order by, the most uncertain first.

        The distance to the middle between the thresholds; without one of them the highest score is first, because
        harm is rare.
        """
        if self.positive and self.negative:
            return np.abs(scores - (self.positive.score + self.negative.score) / 2)
        return -scores


def thresholds(labels: Floats, scores: Floats, precision: float, confidence: float) -> Thresholds:
    """The lowest threshold of label 1 and the highest of label 0 whose labels are precise enough.

    Where both labels could be given, it is 1.

    Args:
        labels: Of held-out rows, shape (rows,), 0 and 1, both present.
        scores: Shape (rows,), in the order of the labels.
        precision: That the labels must have.
        confidence: That the labels of a threshold have it.
    """
    positive = _widest(labels == 1, scores, precision, confidence, above=-math.inf)
    # The other end of the scores, turned round.
    turned = _widest(labels == 0, -scores, precision, confidence, above=-positive.score if positive else -math.inf)
    return Thresholds(positive, turned and replace(turned, score=-turned.score))


def _widest(
    has_label: NDArray[np.bool_], scores: Floats, precision: float, confidence: float, above: float
) -> Threshold | None:
    """The lowest of the candidates above a limit from which on enough rows have the label."""
    # A label that comes true no more often than for everybody is not the model's merit.
    required = max(precision, float(has_label.mean()))
    z = NormalDist().inv_cdf(1 - (1 - confidence) / CANDIDATES)
    rows, least = len(scores), math.ceil(required * z**2 / (1 - required))
    if least > rows:
        return None
    order = np.argsort(-scores, kind="stable")
    ranked, found = scores[order], np.cumsum(has_label[order])
    # Chosen by the scores alone. Fewer than `least` rows prove nothing even if all have the label.
    limits = ranked[np.rint(np.geomspace(least, rows, CANDIDATES)).astype(np.intp) - 1]
    taken = np.searchsorted(-ranked, -limits, side="right")
    precisions = found[taken - 1] / taken
    bounds = wilson_lower_bound(precisions, taken, z)
    passing = np.flatnonzero((bounds >= required) & (limits > above))
    if not len(passing):
        return None
    widest = passing[-1]
    return Threshold(float(limits[widest]), float(precisions[widest]), float(bounds[widest]))


def wilson_lower_bound(shares: Floats, counts: Indices, z: float) -> Floats:
    """The lower end of Wilson's score interval.

    Args:
        shares: Shape (n,), observed.
        counts: Shape (n,), rows of which they are the shares.
        z: Quantile of the standard normal distribution for the confidence.
    """
    noise = z**2 / counts
    bounds: Floats = (shares + noise / 2 - z * np.sqrt((shares * (1 - shares) + noise / 4) / counts)) / (1 + noise)
    return bounds
