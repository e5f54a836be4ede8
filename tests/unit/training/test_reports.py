"""The latent map behind the reports."""

from __future__ import annotations

import numpy as np

from training.latent_map import place_codes


def test_codes_of_two_kinds_lie_apart_on_the_map_and_the_same_seed_places_them_alike() -> None:
    rng = np.random.default_rng(0)
    codes = np.concatenate([rng.normal(0, 1, (40, 20)), rng.normal(30, 1, (40, 20))])
    places = place_codes(codes, seed=0)
    assert np.array_equal(places, place_codes(codes, seed=0))
    first, second = places[:40], places[40:]
    between = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
    assert between > 2 * max(first.std(), second.std())
