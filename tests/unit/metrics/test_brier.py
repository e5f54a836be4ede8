"""Brier scores with known values."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.brier import brier_score


def test_certain_answers_score_nothing_when_right_and_two_when_wrong() -> None:
    certain = np.eye(3)
    assert brier_score(certain, np.arange(3)) == 0
    assert brier_score(certain, np.array([1, 2, 0])) == 2


def test_an_even_guess_between_classes_scores_one_minus_their_share() -> None:
    assert brier_score(np.full((5, 4), 0.25), np.arange(5) % 4) == pytest.approx(0.75)


def test_the_probabilities_are_left_as_they_were() -> None:
    probabilities = np.array([[0.5, 0.5]])
    brier_score(probabilities, np.array([0]))
    assert probabilities.tolist() == [[0.5, 0.5]]
