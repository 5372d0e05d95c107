"""Finds the scores from which on, and up to which, a labelling model is right often enough: see LABELLING.md."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from vwt_evaluate.values import Floats, Indices

# Thresholds that are looked at for each label, at most.
CANDIDATES = 100
# The errors that the strictest of them may have: see LABELLING.md.
ERRORS_AT_FIRST = 3
UNSURE = -1


@dataclass(frozen=True)
class Threshold:
    """The score from which on, or up to which, a label is given.

    Attributes:
        score: The least score that gets label 1, or the largest that gets label 0.
        precision: Share of the held-out rows there that have the label.
        lower_bound: The lower bound of that share, with the confidence asked for; at least the required precision.
    """

    score: float
    precision: float
    lower_bound: float


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of both labels; None where no threshold makes a label precise enough.

    Attributes:
        positive: Scores from here on get label 1.
        negative: Scores up to here get label 0; below `positive`.
    """

    positive: Threshold | None
    negative: Threshold | None

    def labels(self, scores: Floats) -> Indices:
        """Labels scores: 1, 0 or `UNSURE`."""
        labels = np.full(len(scores), UNSURE, dtype=np.intp)
        if self.negative:
            labels[scores <= self.negative.score] = 0
        if self.positive:
            labels[scores >= self.positive.score] = 1
        return labels

    def certainties(self, scores: Floats) -> Floats:
        """Returns values to order by, the most uncertain first.

        The distance to the middle between the thresholds; without one of them the highest score is first, because
        harm is rare.
        """
        if self.positive and self.negative:
            return np.abs(scores - (self.positive.score + self.negative.score) / 2)
        return -scores


def thresholds(labels: Floats, scores: Floats, precision: float, confidence: float) -> Thresholds:
    """Finds the lowest threshold of label 1 and the highest of label 0 whose labels are precise enough.

    Where both labels could be given, it is 1.

    Args:
        labels: Those of held-out rows, shape (rows,), 0 and 1, both present.
        scores: Shape (rows,), in the order of the labels.
        precision: The precision that the labels must have.
        confidence: One-sided confidence level of that precision.
    """
    positive = _widest(labels == 1, scores, precision, confidence, above=-math.inf)
    # The other end of the scores, turned round.
    turned = _widest(labels == 0, -scores, precision, confidence, above=-positive.score if positive else -math.inf)
    return Thresholds(positive, turned and replace(turned, score=-turned.score))


def _widest(
    has_label: NDArray[np.bool_], scores: Floats, precision: float, confidence: float, above: float
) -> Threshold | None:
    """Finds the lowest, above a limit, of the candidates that pass before the first one fails."""
    # A label that comes true no more often than for everybody is not the model's merit.
    required = max(precision, float(has_label.mean()))
    rows, enough = len(scores), fewest_rows(required, confidence)
    if enough > rows:
        return None
    order = np.argsort(-scores, kind="stable")
    ranked, right = scores[order], np.cumsum(has_label[order])
    # Which candidates there are must not depend on the labels, hence not on what `required` owes to them.
    places = np.rint(np.geomspace(fewest_rows(precision, confidence), rows, CANDIDATES)).astype(np.intp)
    taken = np.unique(np.searchsorted(-ranked, -ranked[places - 1], side="right"))
    errors = taken - right[taken - 1]
    passes = _chance(errors, taken, np.where(taken >= enough, required, precision)) <= 1 - confidence
    before_failure = np.logical_and.accumulate(passes)
    usable = np.flatnonzero(before_failure & (taken >= enough) & (ranked[taken - 1] > above))
    if not len(usable):
        return None
    rows_there, errors_there = int(taken[usable[-1]]), int(errors[usable[-1]])
    return Threshold(
        float(ranked[rows_there - 1]),
        (rows_there - errors_there) / rows_there,
        lower_bound(errors_there, rows_there, confidence),
    )


def fewest_rows(precision: float, confidence: float) -> int:
    """Returns the fewest rows that prove a precision although `ERRORS_AT_FIRST` of them are errors."""
    # Where `_chance` is 1 - confidence: the binomial distribution as the incomplete beta function of the right ones.
    right: float = special.btdtria(1 - confidence, ERRORS_AT_FIRST + 1, precision)
    return ERRORS_AT_FIRST + math.ceil(right)


def lower_bound(errors: int, rows: int, confidence: float) -> float:
    """Computes Clopper's and Pearson's exact lower bound, one-sided, of a precision."""
    return float(special.betaincinv(rows - errors, errors + 1, 1 - confidence)) if errors < rows else 0.0


def _chance(errors: Any, rows: Any, precision: Any) -> Any:
    """Computes the binomial probability of at most so many errors among the rows; of arrays too."""
    return special.bdtr(errors, rows, 1 - precision)
