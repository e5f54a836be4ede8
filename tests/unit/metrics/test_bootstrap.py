"""Bootstrap intervals whose width theory knows."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.bootstrap import bootstrap_interval


def test_the_interval_of_a_fair_coin_is_the_binomial_one() -> None:
    low, high = bootstrap_interval(np.arange(1000) % 2 == 0, seed=0)
    assert low == pytest.approx(0.5 - 1.96 * np.sqrt(0.25 / 1000), abs=0.006)
    assert high == pytest.approx(0.5 + 1.96 * np.sqrt(0.25 / 1000), abs=0.006)


def test_without_errors_the_interval_is_one_point() -> None:
    assert bootstrap_interval(np.ones(50, bool), seed=0) == (1.0, 1.0)


def test_any_statistic_of_whole_rows_has_an_interval_and_the_same_seed_gives_the_same_one() -> None:
    pairs = np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], size=400)

    def correlation(rows: np.ndarray) -> float:
        return float(np.corrcoef(rows.T)[0, 1])

    low, high = bootstrap_interval(pairs, 3, correlation, draws=300)
    assert low < 0.8 < high
    assert high - low == pytest.approx(4 * (1 - 0.8**2) / np.sqrt(400), rel=0.25)
    assert (low, high) == bootstrap_interval(pairs, 3, correlation, draws=300)
