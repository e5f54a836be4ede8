"""A view knows where its pixels lie in the photo, however it is scaled and turned."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.faces.views import covered, cut, grown, overlap, squared, tiles, turned


def marked(height: int, width: int, x: int, y: int) -> np.ndarray:
    photo = np.full((height, width, 3), 50, np.uint8)
    photo[y : y + 4, x : x + 4] = 250
    return photo


def test_a_view_keeps_places_and_fills_with_the_mean() -> None:
    photo = np.full((40, 40, 3), 50, np.uint8)
    photo[10, 20] = 250
    view = cut(photo, (-10.0, -10.0, 50.0, 50.0), 120)
    assert view.pixels.shape == (120, 120, 3)
    assert np.unravel_index(view.pixels[..., 0].argmax(), (120, 120)) in ((40, 60), (40, 61), (41, 60), (41, 61))
    assert view.pixels[0, 0, 0] == 50
    assert view.points_in_photo(np.array([[60.0, 40.0]])).tolist() == [[20.0, 10.0]]


def test_a_view_of_a_strip_is_never_thinner_than_the_network_needs() -> None:
    assert cut(np.zeros((16, 4000, 3), np.uint8), (0.0, 0.0, 4000.0, 16.0), 800).pixels.shape == (32, 800, 3)


@pytest.mark.parametrize("degrees", [0, 30, 90, 135, 180, 270, -90])
def test_a_turned_view_finds_its_way_back(degrees: float) -> None:
    photo = marked(120, 160, 90, 40)
    region = (20.0, 0.0, 140.0, 120.0) if degrees % 90 else (0.0, 0.0, 160.0, 120.0)
    view = turned(cut(photo, region, 240), degrees)
    weights = np.clip(view.pixels[..., 0].astype(float) - 120, 0, None)
    y, x = np.mgrid[: weights.shape[0], : weights.shape[1]] + 0.5
    seen = np.array([[(x * weights).sum() / weights.sum(), (y * weights).sum() / weights.sum()]])
    assert np.allclose(view.points_in_photo(seen), [[92.0, 42.0]], atol=0.3)


def test_a_quarter_turn_exchanges_the_sides_of_a_box() -> None:
    view = turned(cut(np.zeros((100, 200, 3), np.uint8), (0.0, 0.0, 200.0, 100.0), 200), 90)
    assert view.pixels.shape == (200, 100, 3)
    # The view's upper left is the photo's upper right.
    assert np.allclose(view.box_in_photo((0.0, 0.0, 10.0, 30.0)), (170.0, 0.0, 200.0, 10.0))


def test_tiles_cover_the_photo_and_hold_whole_whatever_is_smaller_than_the_overlap() -> None:
    for height, width in ((4000, 6000), (400, 20000), (2000, 2001)):
        regions = np.array(tiles(height, width, 2000, 150))
        assert (regions[:, 2:] - regions[:, :2]).max() <= 2000
        assert regions.min(axis=0)[:2].tolist() == [0, 0]
        assert np.allclose(regions.max(axis=0)[2:], (width, height))
        for x, y in np.random.default_rng(0).uniform((75, 75), (width - 75, height - 75), (200, 2)):
            inside = (regions[:, :2] <= (x - 74, y - 74)).all(axis=1) & (regions[:, 2:] >= (x + 74, y + 74)).all(axis=1)
            assert inside.any()


def test_boxes_are_compared_by_what_they_share() -> None:
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 1, 1), (2, 2, 3, 3)) == covered((0, 0, 1, 1), (2, 2, 3, 3)) == 0
    assert covered((0, 0, 10, 10), (5, 5, 7, 7)) == 1.0
    assert squared((0, 10, 20, 20)) == (0, 5, 20, 25)
    assert grown((0, 0, 10, 20), 0.5) == (-10, -10, 20, 30)
