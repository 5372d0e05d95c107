"""The evaluation's metrics again, by their definitions: slow, and sharing no code or idea with the fast ones."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence

from scipy import stats


def pair(positive: float, negative: float) -> float:
    """Tells whether a pair is in order; a tie is half a pair."""
    return 1.0 if positive > negative else 0.5 if positive == negative else 0.0


def split(labels: Sequence[float], scores: Sequence[float]) -> tuple[list[float], list[float]]:
    """Returns the scores of label 1, and of label 0."""
    positives = [s for y, s in zip(labels, scores, strict=True) if y == 1]
    return positives, [s for y, s in zip(labels, scores, strict=True) if y == 0]


def auroc(labels: Sequence[float], scores: Sequence[float]) -> float:
    positives, negatives = split(labels, scores)
    return sum(pair(p, n) for p in positives for n in negatives) / len(positives) / len(negatives)


def covariance(a: Sequence[float], b: Sequence[float]) -> float:
    mean_a, mean_b = math.fsum(a) / len(a), math.fsum(b) / len(b)
    return math.fsum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True)) / (len(a) - 1)


def auroc_covariance(labels: Sequence[float], first: Sequence[float], second: Sequence[float]) -> float:
    """DeLong's estimate, from the structural components of every row."""
    components = []
    for scores in (first, second):
        positives, negatives = split(labels, scores)
        of_positives = [sum(pair(p, n) for n in negatives) / len(negatives) for p in positives]
        of_negatives = [sum(pair(p, n) for p in positives) / len(positives) for n in negatives]
        components.append((of_positives, of_negatives))
    (p1, n1), (p2, n2) = components
    return covariance(p1, p2) / len(p1) + covariance(n1, n2) / len(n1)


def average_precision(labels: Sequence[float], scores: Sequence[float]) -> float:
    """Over the thresholds, descending: precision times what recall gains."""
    total, before, result = sum(labels), 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        taken = [y for y, s in zip(labels, scores, strict=True) if s >= threshold]
        result += sum(taken) / len(taken) * (sum(taken) - before) / total
        before = sum(taken)
    return result


def top_labels(labels: Sequence[float], scores: Sequence[float], rows: float) -> float:
    """Returns the labels in the first rows by score, those with equal scores replaced by their mean."""
    ordered = sorted(zip(scores, labels, strict=True), key=lambda row: -row[0])
    result = 0.0
    for index, (score, _) in enumerate(ordered):
        same = [y for s, y in ordered if s == score]
        result += sum(same) / len(same) * min(1.0, max(0.0, rows - index))
    return result


def bins(labels: Sequence[float], scores: Sequence[float]) -> list[tuple[int, float, float]]:
    """Returns rows, mean score and mean label of the bins that are not empty."""
    members: dict[int, list[tuple[float, float]]] = {}
    for y, s in zip(labels, scores, strict=True):
        below = sum(other < s for other in scores)
        members.setdefault(10 * below // len(scores), []).append((s, y))
    return [
        (len(each), math.fsum(s for s, _ in each) / len(each), math.fsum(y for _, y in each) / len(each))
        for _, each in sorted(members.items())
    ]


def midranks(values: Sequence[float]) -> list[float]:
    return [sum(o < v for o in values) + (sum(o == v for o in values) + 1) / 2 for v in values]


def spearman(a: Sequence[float], b: Sequence[float]) -> float:
    first, second = midranks(a), midranks(b)
    return covariance(first, second) / math.sqrt(covariance(first, first) * covariance(second, second))


def tweedie_deviance(labels: Sequence[float], scores: Sequence[float], power: float = 1.5) -> float:
    """Computes the mean deviance by the general form for powers between 1 and 2."""
    first, second = 1 - power, 2 - power
    return (
        2
        * math.fsum(
            y**second / (first * second) - y * m**first / first + m**second / second
            for y, m in zip(labels, scores, strict=True)
        )
        / len(labels)
    )


def gini(labels: Sequence[float], scores: Sequence[float]) -> float:
    """Computes by how much more of the amount than of the rows lies above a row, over all pairs of rows."""
    pairs = itertools.product(zip(labels, scores, strict=True), scores)
    return math.fsum(y * ((s > o) - (s < o)) for (y, s), o in pairs) / (len(labels) * math.fsum(labels))


def distribution(values: Sequence[float]) -> tuple[list[float], list[float], float]:
    """Returns deciles of the values that are no NaN, shares of the values up to each and beyond, share of NaN.

    In place of the largest value, the one below it.
    """
    present = sorted(v for v in values if not math.isnan(v))
    missing = 1 - len(present) / len(values)
    if not present:
        return [], [0.0], missing
    reached = [
        next(v for v in present if 10 * bisect.bisect_right(present, v) >= i * len(present)) for i in range(1, 10)
    ]
    edges = set(reached)
    if max(present) in edges and min(present) < max(present):
        edges = edges - {max(present)} | {max(v for v in present if v < max(present))}
    return sorted(edges), shares(present, sorted(edges)), missing


def shares(values: Sequence[float], edges: Sequence[float]) -> list[float]:
    """Returns shares of values in the bins of a baseline, by its contract."""
    limits = [-math.inf, *edges, math.inf]
    return [sum(low < v <= high for v in values) / len(values) for low, high in itertools.pairwise(limits)]


def lower_bound(hits: int, count: int, confidence: float) -> float:
    """Computes Clopper's and Pearson's bound by the quantile of the beta distribution."""
    return float(stats.beta.ppf(1 - confidence, hits, count - hits + 1)) if hits else 0.0


def label_threshold(
    labels: Sequence[float], scores: Sequence[float], precision: float, confidence: float, label: int, limit: float
) -> tuple[float, float, float] | None:
    """Score, precision and its lower bound of the widest threshold before the first failure, by the description."""
    candidates, ordered = 100, sorted(scores, reverse=label == 1)
    required = max(precision, sum(y == label for y in labels) / len(labels))
    first, first_required = (
        next(n for n in itertools.count(4) if lower_bound(n - 3, n, confidence) >= wanted)
        for wanted in (precision, required)
    )
    widest = None
    for step in range(candidates if first <= len(scores) else 0):
        threshold = ordered[round(first * (len(scores) / first) ** (step / (candidates - 1))) - 1]
        chosen = [y for y, s in zip(labels, scores, strict=True) if (s >= threshold if label else s <= threshold)]
        hits = sum(y == label for y in chosen)
        bound = lower_bound(hits, len(chosen), confidence)
        if bound < precision or (len(chosen) >= first_required and bound < required):
            break
        if len(chosen) >= first_required and (label or threshold < limit):
            widest = threshold, hits / len(chosen), bound
    return widest


def risk_group(
    rows: Sequence[tuple[float, float, float, int]], start: float, end: float
) -> dict[str, float | dict[str, float] | None]:
    """Measures label, score, weight and player of the rows with scores from start to end, of which 1 is the last."""
    members = [row for row in rows if start <= row[1] < end or (row[1] == 1 and end == 1)]
    weight = sum(w for _, _, w, _ in members)
    share = weight / sum(w for _, _, w, _ in rows)
    if not members:
        return {"rows": 0, "share": share, "meanScore": None, "observed": None}
    score, rate = (sum(w * value for value, w in ((row[i], row[2]) for row in members)) / weight for i in (1, 0))
    players: dict[int, float] = {}
    for _, _, w, player in members:
        players[player] = players.get(player, 0) + w
    size = weight**2 / sum(w**2 for w in players.values())
    # Wilson 1927: the rates whose own deviation is not farther from the observed one than the quantile says.
    quantile = stats.norm.ppf(0.975)
    a, b, c = 1 + quantile**2 / size, 2 * rate + quantile**2 / size, rate**2
    root = math.sqrt(max(0, b**2 - 4 * a * c))
    observed = {"value": rate, "low": (b - root) / (2 * a), "high": (b + root) / (2 * a)}
    return {"rows": len(members), "share": share, "meanScore": score, "observed": observed}
