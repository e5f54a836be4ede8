"""Intervals and maps behind the reports."""

from __future__ import annotations

import numpy as np
import pytest

from training.latent_map import place_codes
from training.recognition_report import bootstrap_interval


def test_the_interval_of_a_fair_coin_is_the_binomial_one() -> None:
    correct = np.arange(1000) % 2 == 0
    low, high = bootstrap_interval(correct, seed=0)
    assert low == pytest.approx(0.5 - 1.96 * np.sqrt(0.25 / 1000), abs=0.006)
    assert high == pytest.approx(0.5 + 1.96 * np.sqrt(0.25 / 1000), abs=0.006)


def test_without_errors_the_interval_is_one_point() -> None:
    assert bootstrap_interval(np.ones(50, bool), seed=0) == (1.0, 1.0)


def test_codes_of_two_kinds_lie_apart_on_the_map_and_the_same_seed_places_them_alike() -> None:
    rng = np.random.default_rng(0)
    codes = np.concatenate([rng.normal(0, 1, (40, 20)), rng.normal(30, 1, (40, 20))])
    places = place_codes(codes, seed=0)
    assert np.array_equal(places, place_codes(codes, seed=0))
    first, second = places[:40], places[40:]
    between = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
    assert between > 2 * max(first.std(), second.std())
