"""Confusion counts and what is read off them, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score

from fer_demo.metrics.confusion import balanced_accuracy, confusion_counts, macro_f1


def test_rows_are_the_truth_and_columns_the_answers() -> None:
    counts = confusion_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), classes=3)
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize("seed", range(3))
def test_the_scores_are_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, answers = rng.integers(5, size=60), rng.integers(5, size=60)
    counts = confusion_counts(truth, answers, classes=7)
    assert counts[:5, :5].tolist() == confusion_matrix(truth, answers).tolist()
    assert balanced_accuracy(counts) == pytest.approx(balanced_accuracy_score(truth, answers))
    assert macro_f1(counts) == pytest.approx(f1_score(truth, answers, average="macro"))
