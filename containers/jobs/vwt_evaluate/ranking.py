"""Measures how well scores rank: areas under curves, the alert budget, and the curves themselves.

Rows with equal scores are never told apart: every figure is the same whatever their order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .values import Floats, Indices, JsonObject


def midranks(values: Floats) -> Floats:
    """Ranks values from 1, equal ones sharing the mean of their ranks."""
    # scipy.stats.rankdata answers the same in twice the time, and its import takes each job 0.4 s of CPU and 45 MB.
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[inverse.reshape(values.shape)]
    return ranks


@dataclass(frozen=True)
class Areas:
    """Areas under the ROC curves of several scorers of the same rows.

    Attributes:
        values: Shape (scorers,).
        covariance: Shape (scorers, scorers), by DeLong; NaN with fewer than two rows of a class.
    """

    values: Floats
    covariance: Floats


def areas(labels: Floats, scores: Floats, players: Indices) -> Areas:
    """Computes AUROC with DeLong's covariance, in which the rows of a player count together.

    Source: DeLong, DeLong & Clarke-Pearson 1988, computed by midranks as in Sun & Xu 2014; summed by player as in
    Obuchowski 1997, which is the same when every player has one row.

    Args:
        labels: Shape (rows,), 0 and 1, both present.
        scores: Shape (scorers, rows).
        players: Shape (rows,), the player of each row, counted from 0.
    """
    positive = labels == 1
    m, n = int(positive.sum()), int((~positive).sum())
    values = np.empty(len(scores))
    pulls = np.empty((len(scores), int(players.max()) + 1))
    for index, row in enumerate(scores):
        ranks = midranks(row)
        # The share of negatives below each positive, and of positives above each negative.
        of_positives = (ranks[positive] - midranks(row[positive])) / n
        of_negatives = 1 - (ranks[~positive] - midranks(row[~positive])) / m
        values[index] = of_positives.mean()
        pull = np.empty(len(labels))
        pull[positive], pull[~positive] = _pull(of_positives), _pull(of_negatives)
        pulls[index] = np.bincount(players, weights=pull, minlength=pulls.shape[1])
    return Areas(values, pulls @ pulls.T)


def _pull(shares: Floats) -> Floats:
    """Returns by how much each row moves the area; the squares sum to the variance of the mean, NaN of one row."""
    count = len(shares)
    pull: Floats = (shares - shares.mean()) / math.sqrt(count * (count - 1)) if count > 1 else np.full(count, np.nan)
    return pull


def area(labels: Floats, scores: Floats) -> float:
    """Computes AUROC alone; NaN with one class only."""
    positive = labels == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if not m or not n:
        return math.nan
    return float((midranks(scores)[positive].sum() / m - (m + 1) / 2) / n)


@dataclass(frozen=True)
class Ranking:
    """Rows in groups of equal score, the highest first.

    Attributes:
        scores: Shape (groups,), descending.
        rows: Cumulative rows, shape (groups,).
        labels: Cumulative labels, shape (groups,): positives, or the amount.
    """

    scores: Floats
    rows: Floats
    labels: Floats

    def gains(self, share: float) -> float:
        """Returns the share of all labels in the first `share` of the rows; a group at the limit counts in proportion.

        NaN when the labels sum to nothing.
        """
        total = self.labels[-1]
        if total <= 0:
            return math.nan
        rows, labels = np.concatenate(([0.0], self.rows)), np.concatenate(([0.0], self.labels))
        return float(np.interp(share * self.rows[-1], rows, labels) / total)

    def gini(self) -> float:
        """Returns twice the area between the curve of gains and the diagonal; NaN when the labels sum to nothing.

        It is 0 for scores by chance, and below 1 for perfect ones. Source: Frees, Meyers & Cummings 2011, without a
        premium.
        """
        total = self.labels[-1]
        if total <= 0:
            return math.nan
        shares = np.concatenate(([0.0], self.labels)) / total
        widths = np.diff(self.rows, prepend=0.0) / self.rows[-1]
        return float(widths @ (shares[1:] + shares[:-1])) - 1


def groups(scores: Floats) -> tuple[Floats, Indices]:
    """Returns the distinct scores, descending, and for each row the index of its score among them."""
    distinct, inverse = np.unique(-scores, return_inverse=True)
    return -distinct, inverse.reshape(scores.shape)


def rank(labels: Floats, scores: Floats) -> Ranking:
    """Groups rows by score."""
    distinct, group = groups(scores)
    return Ranking(distinct, np.cumsum(np.bincount(group)), np.cumsum(np.bincount(group, weights=labels)))


def drawn(grouped: tuple[Floats, Indices], weights: Floats, labels: Floats) -> Ranking:
    """Ranks weighted rows.

    Args:
        grouped: The result of `groups`.
        weights: Shape (rows,), how often each row counts.
        labels: Shape (rows,), times their weights.
    """
    distinct, group = grouped
    count = len(distinct)
    rows: Floats = np.cumsum(np.bincount(group, weights=weights, minlength=count))
    return Ranking(distinct, rows, np.cumsum(np.bincount(group, weights=labels, minlength=count)))


def average_precision(ranking: Ranking) -> float:
    """Computes the area under the precision-recall curve by steps: the mean precision of positives, ties as one.

    NaN without positives.
    """
    if not ranking.labels[-1]:
        return math.nan
    gained = np.diff(ranking.labels, prepend=0.0)
    found = gained > 0
    return float((gained[found] * ranking.labels[found] / ranking.rows[found]).sum() / ranking.labels[-1])


def allowed(rows: int, budget: float) -> int:
    """Returns how many rows a budget lets raise an alert: a share of them, rounded down, at least one."""
    return max(1, math.floor(budget * rows + 1e-9))


def alerts(ranking: Ranking, budget: float) -> JsonObject:
    """Measures what is found when a share of the rows, those with the highest scores, raise an alert.

    Of the rows that share the score at the limit, each alerts in proportion (`tieShare`): what drawing lots among them
    would find on average.

    Args:
        ranking: With labels 0 and 1.
        budget: Share of the rows, in (0, 1].
    """
    rows, positives = int(ranking.rows[-1]), float(ranking.labels[-1])
    most = allowed(rows, budget)
    last = int(np.searchsorted(ranking.rows, most, side="left"))
    above = (float(ranking.rows[last - 1]), float(ranking.labels[last - 1])) if last else (0.0, 0.0)
    tie_share = (most - above[0]) / (float(ranking.rows[last]) - above[0])
    found = above[1] + tie_share * (float(ranking.labels[last]) - above[1])
    return {
        "budget": budget,
        "alerts": most,
        "threshold": float(ranking.scores[last]),
        "tieShare": tie_share,
        "recall": found / positives,
        "precision": found / most,
    }


def alerted(scores: Floats, alert: JsonObject) -> Floats:
    """Returns the share of an alert that each row raises: 1 above the threshold, `tieShare` at it.

    Args:
        scores: Shape (rows,).
        alert: The result of `alerts`.
    """
    weights: Floats = (scores > alert["threshold"]) + alert["tieShare"] * (scores == alert["threshold"])
    return weights
