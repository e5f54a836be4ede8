"""Prediction sets keep what they promise on data that fitted nothing."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.conformal import (
    class_coverage,
    conformal_threshold,
    coverage,
    mean_size,
    prediction_sets,
    set_scores,
    voted_coverage,
    voted_threshold,
)


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of seven classes, twice as sure as they should be, and what was true."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(7, 0.5), size=count)
    truth = (rng.random((count, 1)) < shares.cumsum(axis=1)).argmax(axis=1).clip(0, 6)
    sharpened = shares**2 + 1e-12
    return sharpened / sharpened.sum(axis=1, keepdims=True), truth


def test_the_threshold_is_the_finite_sample_quantile() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    assert conformal_threshold(scores, 0.9) == 0.9  # the ninth of nine: ceil(10 x 0.9)
    assert conformal_threshold(scores, 0.5) == 0.5
    assert conformal_threshold(scores, 0.95) == 1.0  # nine examples cannot promise it, so every class goes in


def test_where_all_people_agree_their_sets_are_those_of_one_right_answer() -> None:
    probabilities, truth = drawn(500, seed=2)
    scores = set_scores(probabilities)
    right = scores[np.arange(len(truth)), truth]
    for asked in (0.8, 0.9, 0.95, 0.9999):
        assert voted_threshold(scores, np.eye(7)[truth], asked) == conformal_threshold(right, asked)


@pytest.mark.parametrize("asked", [0.8, 0.9, 0.95])
def test_on_fresh_faces_the_sets_hold_as_much_of_what_people_say_as_asked(asked: float) -> None:
    def voted(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        shares = rng.dirichlet(np.full(8, 0.5), size=3000)
        return shares, rng.multinomial(10, shares) / 10

    predicted, people = voted(0)
    threshold = voted_threshold(set_scores(predicted), people, asked)
    fresh, answers = voted(1)
    assert voted_coverage(prediction_sets(fresh, threshold), answers) == pytest.approx(asked, abs=0.01)


@pytest.mark.parametrize("asked", [0.8, 0.9, 0.95])
def test_on_fresh_examples_the_sets_hold_the_truth_as_often_as_asked(asked: float) -> None:
    fitted, truth = drawn(4000, seed=0)
    threshold = conformal_threshold(set_scores(fitted)[np.arange(4000), truth], asked)
    fresh, fresh_truth = drawn(20_000, seed=1)
    sets = prediction_sets(fresh, threshold)
    assert coverage(sets, fresh_truth) == pytest.approx(asked, abs=0.015)
    assert 1 <= mean_size(sets) < 5


def test_no_set_is_empty_and_it_holds_the_most_probable_class() -> None:
    probabilities, _ = drawn(500, seed=2)
    sets = prediction_sets(probabilities, 0.0)
    assert (sets.sum(axis=1) == 1).all()
    assert (sets.argmax(axis=1) == probabilities.argmax(axis=1)).all()


def test_coverage_counts_all_and_each_class() -> None:
    sets = np.array([[True, False], [True, True], [True, False], [False, True]])
    truth = np.array([0, 0, 1, 1])
    assert coverage(sets, truth) == 0.75
    assert class_coverage(sets, truth) == {0: 1.0, 1: 0.5}
    assert mean_size(sets) == 1.25
