"""The thresholds of automatic labels: against a naive computation, and whether they keep what they promise."""

from __future__ import annotations

import math

import naive
import numpy as np
import pytest
from scipy import stats
from vwt_evaluate.values import Floats
from vwt_label.thresholds import CANDIDATES, UNSURE, Threshold, Thresholds, thresholds, wilson_lower_bound


def players(seed: int, count: int, harm: float, distance: float) -> tuple[Floats, Floats]:
    """Labels, and scores that tell them apart the better the larger the distance."""
    random = np.random.default_rng(seed)
    labels = (random.random(count) < harm).astype(np.float64)
    scores = stats.norm.cdf(random.normal(distance * labels))
    return labels, scores


@pytest.mark.parametrize("seed", range(24))
def test_thresholds_are_those_of_the_naive_computation(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels, scores = players(seed, int(random.integers(150, 2500)), random.choice([0.1, 0.3, 0.6]), 3)
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


@pytest.mark.parametrize(("rows", "enough"), [(181, False), (182, True)])
def test_a_label_needs_rows_to_prove_it(rows: int, enough: bool) -> None:
    """Without any error: 19 z² rows, at 99.9 % confidence, which is 95 % for all 50 candidates."""
    labels = np.concatenate((np.ones(rows), np.zeros(2000)))
    scores = np.linspace(1, 0, len(labels))
    found = thresholds(labels, scores, 0.95, 0.95)
    assert (found.positive is not None) == enough
    assert found.negative


def test_what_is_true_of_everybody_is_not_the_models_merit() -> None:
    """A model that knows nothing labels nobody, however rare harm is."""
    none = 0
    for seed in range(50):
        labels, scores = players(seed, 3000, 0.02, 0)
        none += thresholds(labels, scores, 0.95, 0.95) == Thresholds(None, None)
    assert none >= 48


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


@pytest.mark.parametrize("harm", [0.05, 0.3])
def test_the_real_precision_is_the_one_asked_for(harm: float) -> None:
    """In at least the share of runs that the confidence says, for either label."""
    kept: dict[int, list[bool]] = {0: [], 1: []}
    for seed in range(150):
        found = thresholds(*players(seed, 4000, harm, 2.5), 0.95, 0.95)
        for label, threshold in ((1, found.positive), (0, found.negative)):
            if threshold:
                # The truth by the distributions of the scores, not by another sample.
                beyond = stats.norm.ppf(threshold.score)
                shares = [stats.norm.sf(beyond - 2.5), stats.norm.sf(beyond)]
                if label == 0:
                    shares = [1 - share for share in shares]
                positives, negatives = harm * shares[0], (1 - harm) * shares[1]
                kept[label].append((positives if label else negatives) / (positives + negatives) >= 0.95)
    assert len(kept[0]) > 100
    assert len(kept[1]) > (100 if harm == 0.3 else -1)
    for each in kept.values():
        assert sum(each) >= 0.95 * len(each)


def test_luck_among_many_candidates_is_accounted_for() -> None:
    """Of models that are right a little too rarely whatever the threshold, few get one."""
    passed = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        labels = (random.random(3000) < 0.89).astype(np.float64)
        passed += thresholds(labels, random.random(3000), 0.9, 0.95).positive is not None
    assert passed <= 0.05 * 400


@pytest.mark.parametrize("precision", [0.8, 0.9, 0.95, 0.99])
def test_wilsons_bound_is_exact_enough_for_precisions(precision: float) -> None:
    """The probability of a bound above the truth, by the binomial distribution, is not above what is asked for."""
    error = 0.05 / CANDIDATES
    z = float(stats.norm.isf(error))
    for count in np.unique(np.geomspace(50, 20_000, 60).astype(int)).tolist():
        hits = np.arange(count + 1)
        above = hits[wilson_lower_bound(hits / count, np.full(count + 1, count), z) >= precision]
        if len(above):
            assert stats.binom.sf(above[0] - 1, count, precision) <= error


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
