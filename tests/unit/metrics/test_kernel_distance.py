"""The kernel distance of sets whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.kernel_distance import kernel_distance


def test_points_of_one_dimension_by_hand() -> None:
    # Kernel (x y + 1)^3: among {0, 0} it is 1, among {1, 1} 8, between 1.
    assert kernel_distance(np.zeros((2, 1)), np.ones((2, 1))) == pytest.approx(1 + 8 - 2)


def test_sets_of_one_source_scatter_around_zero() -> None:
    rng = np.random.default_rng(0)
    found = [kernel_distance(rng.normal(size=(40, 6)), rng.normal(size=(60, 6))) for _ in range(200)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_the_size_of_a_set_does_not_move_its_mean() -> None:
    rng = np.random.default_rng(1)
    small, large = (
        np.mean([kernel_distance(rng.normal(size=(count, 3)), rng.normal(1, 1, size=(50, 3))) for _ in range(400)])
        for count in (8, 64)
    )
    assert small == pytest.approx(large, rel=0.1)
