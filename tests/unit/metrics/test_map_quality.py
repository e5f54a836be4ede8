"""Neighbours, trustworthiness and neighbour overlap on points whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics import nearest
from fer_demo.metrics.nearest import nearest_neighbours
from fer_demo.metrics.neighbour_overlap import neighbour_overlap
from fer_demo.metrics.trustworthiness import trustworthiness


def cloud(count: int, dims: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dims)).astype(np.float32)


def near(points: np.ndarray, count: int) -> np.ndarray:
    return nearest_neighbours(points, count)[0]


def trust(codes: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    return trustworthiness(codes, near(codes, count), near(places, count))


def test_neighbours_on_a_line_are_the_points_beside() -> None:
    line = np.array([[0.0], [1.0], [3.0], [7.0]])
    rows, distances = nearest_neighbours(line, 2)
    assert rows.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    np.testing.assert_allclose(distances, [[1, 3], [1, 2], [2, 3], [4, 6]])


def test_equal_points_are_neighbours_at_distance_zero() -> None:
    rows, distances = nearest_neighbours(np.array([[1.0, 1.0], [1.0, 1.0], [5.0, 5.0]]), 1)
    assert rows[:2, 0].tolist() == [1, 0]
    assert distances[0, 0] == 0


@pytest.mark.parametrize("dims", [2, 20])
def test_of_equally_near_points_the_first_rows_are_neighbours(dims: int) -> None:
    points = np.zeros((9, dims))
    points[:3, 0] = 5  # three at one place, six at another
    assert near(points, 2).tolist() == [[1, 2], [0, 2], [0, 1], [4, 5], [3, 5], *[[3, 4]] * 4]
    points[:, 0] = (0, 1, -1, 1, 9, -1, 9, 9, 9)
    assert near(points, 3)[0].tolist() == [1, 2, 3]


def test_a_tree_finds_what_blocks_find() -> None:
    grid = np.random.default_rng(0).integers(0, 13, (299, 2)) - 6.0  # with many equal distances and points
    centred = np.concatenate([grid, -grid])  # so that blocks have nothing to round
    lifted = np.pad(centred, ((0, 0), (0, 2)))  # into too many dimensions for a tree
    for found, expected in zip(nearest_neighbours(centred, 6), nearest_neighbours(lifted, 6), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_neighbours_are_those_of_scikit_learn() -> None:
    from sklearn.neighbors import NearestNeighbors

    for points in (cloud(700, 2), cloud(700, 20)):
        distances, rows = NearestNeighbors(n_neighbors=10).fit(points).kneighbors()
        assert (near(points, 10) == rows).all()
        np.testing.assert_allclose(nearest_neighbours(points, 10)[1], distances, atol=1e-4)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    points = cloud(50, 6)
    whole = near(points, 5)
    monkeypatch.setattr(nearest, "_BLOCK_VALUES", 350)
    assert (near(points, 5) == whole).all()


def test_a_map_that_is_the_code_itself_is_trusted_wholly() -> None:
    points = cloud(40, 2)
    assert (trust(points, 3 * points + 1, 5) == 1).all()
    assert (neighbour_overlap(near(points, 5), near(3 * points + 1, 5)) == 1).all()


def test_trustworthiness_is_that_of_scikit_learn() -> None:
    from sklearn.manifold import trustworthiness as reference

    codes, places = cloud(80, 10), cloud(80, 2, seed=1)
    ours = trust(codes, places, 7)
    assert ours.mean() == pytest.approx(reference(codes, places, n_neighbors=7), abs=1e-5)


def test_an_intruder_costs_by_how_far_away_its_code_is() -> None:
    codes = np.arange(10, dtype=np.float64)[:, None]
    places = np.stack([codes[:, 0], np.zeros(10)], axis=1)
    places[9] = (0.1, 0)  # the farthest face is placed beside the first
    # Its rank among the first one's neighbours is 9, so 8 too many, of n = 10 and k = 1: 1 - 2 / 16 * 8.
    assert trust(codes, places, 1)[0] == pytest.approx(0.0)


def test_random_maps_keep_as_many_neighbours_as_chance() -> None:
    overlap = neighbour_overlap(near(cloud(400, 20), 20), near(cloud(400, 2, seed=1), 20))
    assert overlap.mean() == pytest.approx(20 / 399, abs=0.015)


def test_half_of_the_neighbours_kept_is_an_overlap_of_one_half() -> None:
    codes = np.array([[0.0], [1.0], [2.0], [100.0]])
    places = np.array([[0.0, 0.0], [1.0, 0.0], [50.0, 0.0], [2.0, 0.0]])
    assert neighbour_overlap(near(codes, 2), near(places, 2))[0] == 0.5


def test_too_many_neighbours_are_refused() -> None:
    with pytest.raises(ValueError, match="neighbours"):
        trust(cloud(10, 2), cloud(10, 2), 5)
