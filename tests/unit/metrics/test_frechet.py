"""The Fréchet distance of sets whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.frechet import frechet_distance


def test_a_set_is_nowhere_from_itself() -> None:
    features = np.random.default_rng(0).normal(size=(50, 8))
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-6)


def test_a_shift_counts_by_its_square() -> None:
    features = np.random.default_rng(0).normal(size=(50, 4))
    assert frechet_distance(features, features + np.array([3, 4, 0, 0])) == pytest.approx(25)


def test_on_a_line_the_deviations_are_subtracted() -> None:
    features = np.array([[-1.0], [1.0]])  # deviation s of the sample; three times as wide has 3 s
    assert frechet_distance(features, 3 * features) == pytest.approx((3 - 1) ** 2 * features.var(ddof=1))


def test_more_dimensions_than_pictures_are_fine() -> None:
    few = np.random.default_rng(0).normal(size=(5, 20))
    assert np.isfinite(frechet_distance(few, few + 1))
