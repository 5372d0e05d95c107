"""Draws the charts of both tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..evaluation import CANDIDATE, CHAMPION, EvaluationResult
from ..ranking import Ranking, rank
from ..values import Floats
from .svg import Axis, Series, chart, steps

_BARS = 40
# The last bar takes what lies above: a few extreme scores would leave the rest no room.
_HIGHEST_QUANTILE = 0.995

NAMES = {
    CANDIDATE: "Candidate",
    CHAMPION: "Champion",
    "age": "Age only",
    "constant": "Base rate",
    "mean": "Mean",
    "median": "Median",
    "own": "Own measure",
}
_STYLES = {CANDIDATE: "candidate", CHAMPION: "champion", "age": "baseline", "own": "baseline"}

Curve = Callable[[Ranking], tuple[Floats, Floats]]


def _roc(ranking: Ranking) -> tuple[Floats, Floats]:
    negatives = ranking.rows - ranking.labels
    return _from_zero(negatives / negatives[-1]), _from_zero(ranking.labels / ranking.labels[-1])


def _precision_recall(ranking: Ranking) -> tuple[Floats, Floats]:
    recall, precision = ranking.labels / ranking.labels[-1], ranking.labels / ranking.rows
    return _from_zero(recall), np.concatenate((precision[:1], precision))


def _gains(ranking: Ranking) -> tuple[Floats, Floats]:
    return _from_zero(ranking.rows / ranking.rows[-1]), _from_zero(ranking.labels / ranking.labels[-1])


def _from_zero(values: Floats) -> Floats:
    return np.concatenate(([0.0], values))


def _shown(evaluated: EvaluationResult, names: tuple[str, ...]) -> Mapping[str, Floats]:
    """Returns the scores by scorer, the candidate last and so on top."""
    return {name: evaluated.predictions[name] for name in reversed(names) if name in evaluated.predictions}


def _ranked(evaluated: EvaluationResult, curve: Curve) -> list[Series]:
    return [
        Series(NAMES[name], _STYLES[name], *curve(rank(evaluated.labels, scores)))
        for name, scores in _shown(evaluated, (CANDIDATE, CHAMPION, "age", "own")).items()
    ]


def _calibration(evaluated: EvaluationResult) -> tuple[list[Series], float, float]:
    """Returns the reliability bins of candidate and champion, and the ends of the axes."""
    series, lowest, highest = [], 0.0, 0.0
    for name in reversed((CANDIDATE, CHAMPION)):
        model = evaluated.result[name]
        if model is None or "metrics" not in model:
            continue
        bins = model["metrics"]["calibration"]["bins"]
        x, y = (np.array([each[member] for each in bins]) for member in ("meanScore", "meanLabel"))
        lowest, highest = min(lowest, x.min(), y.min()), max(highest, x.max(), y.max())
        series.append(Series(NAMES[name], _STYLES[name], x, y, "dots"))
    return series, float(lowest), float(highest) * 1.05 or 1.0


def _histogram(name: str, style: str, values: Floats, edges: Floats) -> Series:
    counts = np.histogram(np.clip(values, edges[0], edges[-1]), bins=edges)[0]
    return Series(name, style, *steps(edges, counts / len(values)), "area")


def _edges(*values: Floats) -> Floats:
    everything = np.concatenate(values)
    low, high = min(0.0, float(everything.min())), float(np.quantile(everything, _HIGHEST_QUANTILE))
    return np.linspace(low, high if high > low else low + 1, _BARS + 1)


def binary(evaluated: EvaluationResult) -> str:
    """Draws ROC, precision-recall, gains, calibration, and a histogram by class."""
    share = [Axis(label, 0, 1, is_share=True) for label in ("False positive rate", "Recall", "Precision")]
    calibration, lowest, highest = _calibration(evaluated)
    scores, labels = evaluated.predictions[CANDIDATE], evaluated.labels
    edges = _edges(scores)
    classes = [
        _histogram("Label 0", "other", scores[labels == 0], edges),
        _histogram("Label 1", "candidate", scores[labels == 1], edges),
    ]
    return "".join(
        (
            chart(
                "ROC",
                "Recall against the share of label 0 that is taken for label 1, over all thresholds. The dashed line "
                "is chance.",
                share[0],
                share[1],
                _ranked(evaluated, _roc),
                diagonal=True,
            ),
            chart(
                "Precision and recall",
                "The share of alerts that are right, against the share of label 1 that is found.",
                share[1],
                share[2],
                _ranked(evaluated, _precision_recall),
            ),
            chart(
                "Gains",
                "The share of label 1 found among the players with the highest scores. The dashed line is chance.",
                Axis("Share of players alerted", 0, 1, is_share=True),
                share[1],
                _ranked(evaluated, _gains),
                diagonal=True,
            ),
            chart(
                "Calibration",
                "Observed rate against mean score in ten bins of equal size. On the dashed line a score means what it "
                "says.",
                Axis("Mean score", lowest, highest),
                Axis("Observed rate", lowest, highest),
                calibration,
                diagonal=True,
            ),
            chart(
                "Scores of the candidate by class",
                "The share of each class by score; the last bar holds everything above.",
                Axis("Score", float(edges[0]), float(edges[-1])),
                Axis("Share of the class", 0, _top(classes), is_share=True),
                classes,
            ),
        )
    )


def regression(evaluated: EvaluationResult) -> str:
    """Draws gains, calibration by decile, and histograms of scores and amounts."""
    calibration, lowest, highest = _calibration(evaluated)
    scores, labels = evaluated.predictions[CANDIDATE], evaluated.labels
    edges = _edges(scores, labels)
    both = [_histogram("Observed", "other", labels, edges), _histogram("Candidate", "candidate", scores, edges)]
    gains = _ranked(evaluated, _gains) if labels.sum() > 0 else []
    return "".join(
        (
            chart(
                "Gains",
                "The share of the whole amount that the players with the highest scores bring. The dashed line is "
                "chance.",
                Axis("Share of players", 0, 1, is_share=True),
                Axis("Share of the amount", 0, 1, is_share=True),
                gains,
                diagonal=True,
            ),
            chart(
                "Calibration by decile",
                "Mean observed amount against mean score in ten bins of equal size. On the dashed line a score means "
                "what it says.",
                Axis("Mean score", lowest, highest),
                Axis("Mean observed amount", lowest, highest),
                calibration,
                diagonal=True,
            ),
            chart(
                "Scores and observed amounts",
                "The share of players by score and by observed amount; the last bar holds everything above.",
                Axis("Amount", float(edges[0]), float(edges[-1])),
                Axis("Share of players", 0, _top(both), is_share=True),
                both,
            ),
        )
    )


def _top(series: list[Series]) -> float:
    return max(float(each.y.max()) for each in series) * 1.05
