"""The thresholds of automatic labels: against a naive computation, and whether they keep what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

import naive
from vwt_evaluate.values import Floats
from vwt_label.thresholds import UNSURE, Threshold, Thresholds, fewest_rows, lower_bound, thresholds


def players(seed: int, count: int, harm: float, distance: float) -> tuple[Floats, Floats]:
    """Returns labels, and scores that tell them apart the better the larger the distance."""
    random = np.random.default_rng(seed)
    labels = (random.random(count) < harm).astype(np.float64)
    scores = special.ndtr(random.normal(distance * labels))
    return labels, scores


def truth(threshold: Threshold, label: int, harm: float, distance: float) -> tuple[float, float]:
    """Returns precision and share of all that a threshold labels, by the distributions of `players`."""
    beyond = special.ndtri(threshold.score)
    shares = [special.ndtr(distance - beyond), special.ndtr(-beyond)]
    if label == 0:
        shares = [1 - share for share in shares]
    positives, negatives = harm * shares[0], (1 - harm) * shares[1]
    labelled = positives + negatives
    return (positives if label else negatives) / labelled, labelled


def at_most(share: float, count: int) -> float:
    """Returns what an event that is no likelier than a share exceeds among so many trials once in some 700 times."""
    return share * count + 3 * math.sqrt(share * (1 - share) * count)


@pytest.mark.parametrize("seed", range(24))
def test_thresholds_are_those_of_the_naive_computation(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels, scores = players(seed, int(random.integers(150, 2500)), random.choice([0.01, 0.1, 0.3, 0.6]), 3)
    scores = scores.round(int(random.choice([2, 3, 9])))
    precision, confidence = float(random.choice([0.8, 0.9, 0.95])), float(random.choice([0.8, 0.95]))
    found = thresholds(labels, scores, precision, confidence)
    values = labels.tolist(), scores.tolist(), precision, confidence
    positive = naive.label_threshold(*values, 1, math.inf)
    negative = naive.label_threshold(*values, 0, positive[0] if positive else math.inf)
    for each, expected in ((found.positive, positive), (found.negative, negative)):
        assert (each is None) == (expected is None)
        if each and expected:
            assert (each.score, each.precision, each.lower_bound) == pytest.approx(expected)


def test_both_thresholds_of_a_good_model() -> None:
    labels, scores = players(1, 5000, 0.3, 4)
    found = thresholds(labels, scores, 0.95, 0.95)
    assert found.positive
    assert found.negative
    assert 0.1 < found.negative.score < found.positive.score < 1
    for threshold, chosen, label in (
        (found.positive, scores >= found.positive.score, 1),
        (found.negative, scores <= found.negative.score, 0),
    ):
        assert threshold.precision == pytest.approx((labels[chosen] == label).mean())
        assert 0.95 <= threshold.lower_bound < threshold.precision


@pytest.mark.parametrize(
    ("precision", "confidence", "rows"), [(0.9, 0.95, 76), (0.95, 0.8, 110), (0.95, 0.95, 153), (0.99, 0.95, 773)]
)
def test_a_label_needs_rows_to_prove_it(precision: float, confidence: float, rows: int) -> None:
    """Three errors among the first are too few to refuse a label; four are not, whatever follows."""
    assert fewest_rows(precision, confidence) == rows
    assert stats.binom.cdf(3, rows, 1 - precision) <= 1 - confidence < stats.binom.cdf(3, rows - 1, 1 - precision)
    scores = np.linspace(1, 0, 3 * rows)
    for errors, before in ((3, 0), (3, rows - 3), (4, 0), (4, rows - 4)):
        labels = np.concatenate((np.ones(2 * rows), np.zeros(rows)))
        labels[before : before + errors] = 0
        found = thresholds(labels, scores, precision, confidence)
        assert (found.positive is not None) == (errors == 3)
        if found.positive:
            assert (scores >= found.positive.score).sum() > 1.8 * rows
    assert thresholds(labels[: rows - 1], scores[: rows - 1], precision, confidence).positive is None


def test_nothing_beyond_the_first_failure_is_looked_at() -> None:
    labels = np.concatenate((np.ones(400), np.zeros(100), np.ones(100_000), np.zeros(2000)))
    found = thresholds(labels, np.linspace(1, 0, len(labels)), 0.95, 0.95)
    assert found.positive
    assert 380 < (np.linspace(1, 0, len(labels)) >= found.positive.score).sum() < 430


def test_what_is_true_of_everybody_is_not_the_models_merit() -> None:
    """A model that knows nothing seldom labels anybody, however rare harm is; one that knows something does."""
    labelled = 0
    for seed in range(400):
        labels, scores = players(seed, 3000, 0.02, 0)
        labelled += thresholds(labels, scores, 0.95, 0.95) != Thresholds(None, None)
    assert labelled <= at_most(0.05, 400)
    labels, scores = players(1, 3000, 0.02, 2)
    negative = thresholds(labels, scores, 0.95, 0.95).negative
    assert negative
    assert negative.lower_bound >= 1 - labels.mean()


def test_labels_do_not_overlap() -> None:
    """Among scores that are right about either label, the positive one goes first."""
    labels = np.tile([0.0, 1.0], 500)
    scores = np.where(labels == 1, 0.7, 0.3)
    found = thresholds(labels, scores, 0.95, 0.95)
    assert (found.positive and found.positive.score, found.negative and found.negative.score) == (0.7, 0.3)
    # One score for all.
    assert thresholds(labels, np.full(1000, 0.5), 0.95, 0.95) == Thresholds(None, None)
    for seed in range(200):
        random = np.random.default_rng(seed)
        labels, scores = players(seed, 600, float(random.uniform(0.2, 0.8)), float(random.uniform(0, 5)))
        found = thresholds(labels, scores.round(1), 0.6, 0.6)
        if found.positive and found.negative:
            assert found.negative.score < found.positive.score


@pytest.mark.parametrize(
    ("rows", "harm", "distance", "confidence"),
    [(900, 0.08, 1.4, 0.95), (900, 0.2, 1.4, 0.8), (4000, 0.05, 2.5, 0.95), (4000, 0.3, 2.5, 0.95)],
)
def test_the_real_precision_is_the_one_asked_for(rows: int, harm: float, distance: float, confidence: float) -> None:
    """But for a share of the sets of held-out rows that the confidence allows, for either label."""
    sets, found, wrong = 400, {0: 0, 1: 0}, {0: 0, 1: 0}
    for seed in range(sets):
        limits = thresholds(*players(seed, rows, harm, distance), 0.95, confidence)
        for label, threshold in ((1, limits.positive), (0, limits.negative)):
            if threshold:
                found[label] += 1
                wrong[label] += truth(threshold, label, harm, distance)[0] < 0.95
    assert found[0] > 0.6 * sets
    assert found[1] > (0.9 * sets if harm == 0.3 else -1)
    assert max(wrong.values()) <= at_most(1 - confidence, sets)


@pytest.mark.parametrize(("confidence", "least"), [(0.95, 0.03), (0.8, 0.14)])
def test_luck_among_many_candidates_is_accounted_for(confidence: float, least: float) -> None:
    """Models that are right a hair too rarely, whatever the threshold: the worst case, and it is used up."""
    passed, sets = 0, 1000
    for seed in range(sets):
        random = np.random.default_rng(seed)
        labels = (random.random(600) < 0.8999).astype(np.float64)
        passed += thresholds(labels, random.random(600), 0.9, confidence).positive is not None
    assert least * sets < passed <= at_most(1 - confidence, sets)


@pytest.mark.parametrize("rows", [900, 3000])
def test_more_is_labelled_than_with_a_correction_for_many_candidates(rows: int) -> None:
    """On average, where a model's AUROC is 0.84 and 8 % are harmed."""
    harm, distance, sets = 0.08, math.sqrt(2) * float(stats.norm.ppf(0.84)), 200
    ours, corrected = 0.0, 0.0
    for seed in range(sets):
        labels, scores = players(seed, rows, harm, distance)
        found = thresholds(labels, scores, 0.95, 0.95)
        assert found.positive is None
        ours += truth(found.negative, 0, harm, distance)[1] if found.negative else 0
        # Fifty candidates by Bonferroni, from the fewest rows that can pass, with Wilson's score test.
        z = stats.norm.isf(0.05 / 50)
        taken = np.rint(np.geomspace(19 * z**2 + 1, rows, 50)).astype(int)
        excess = np.cumsum(labels[np.argsort(scores)] == 0)[taken - 1] - 0.95 * taken
        passing = taken[excess >= z * np.sqrt(taken * 0.95 * 0.05)]
        if len(passing):
            threshold = Threshold(float(np.sort(scores)[passing[-1] - 1]), 1, 1)
            corrected += truth(threshold, 0, harm, distance)[1]
    assert ours / sets > {900: 0.75, 3000: 0.84}[rows]
    assert ours > 1.05 * corrected


@pytest.mark.parametrize("confidence", [0.6, 0.95, 0.999])
def test_the_bound_is_the_exact_one(confidence: float) -> None:
    for rows in (2, 30, 153, 5000, 1_000_000):
        for errors in {0, 1, rows // 50, rows // 2, rows - 1}:
            expected = stats.beta.ppf(1 - confidence, rows - errors, errors + 1)
            assert lower_bound(errors, rows, confidence) == pytest.approx(expected, abs=1e-9)
        assert lower_bound(rows, rows, confidence) < 1e-12


def test_order_of_uncertainty() -> None:
    scores = np.array([0.05, 0.2, 0.5, 0.9])
    high, low = Threshold(0.8, 1, 1), Threshold(0.1, 1, 1)
    both = Thresholds(high, low)
    assert both.labels(scores).tolist() == [0, UNSURE, UNSURE, 1]
    assert both.certainties(scores).argsort().tolist() == [2, 1, 0, 3]
    for one, labels in (
        (Thresholds(high, None), [UNSURE, UNSURE, UNSURE, 1]),
        (Thresholds(None, low), [0, UNSURE, UNSURE, UNSURE]),
        (Thresholds(None, None), 4 * [UNSURE]),
    ):
        assert one.labels(scores).tolist() == labels
        assert one.certainties(scores).argsort().tolist() == [3, 2, 1, 0]
    # Thresholds are part of their labels.
    assert both.labels(np.array([0.1, 0.8])).tolist() == [0, 1]
