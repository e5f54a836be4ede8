"""Entropies and rank correlations with known values."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.rank_correlation import entropy, rank_correlation


def test_entropy_is_nothing_for_agreement_and_the_log_of_the_classes_for_none() -> None:
    shares = np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4], dtype=float)
    assert entropy(shares) == pytest.approx([0, np.log(2), np.log(4)])


def test_the_correlation_asks_for_the_order_alone() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(values, np.exp(values)) == pytest.approx(1)
    assert rank_correlation(values, -(values**3)) == pytest.approx(-1)


def test_ties_share_their_mean_rank() -> None:
    # Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
    assert rank_correlation(np.array([0.0, 1, 1, 2]), np.arange(4.0)) == pytest.approx(3 / np.sqrt(10))
