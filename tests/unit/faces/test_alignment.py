"""Alignment puts the five points on the template, without aliasing, and finds its way back into the photo."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fer_demo.data.loading import load_bundled
from fer_demo.errors import ImageError
from fer_demo.faces.alignment import TEMPLATE, align, five_points, make_a_face, paste_back, similarity


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def turned(points: np.ndarray, degrees: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    angle = math.radians(degrees)
    rotation = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return points @ rotation.T + shift


def dots(points: np.ndarray, height: int, width: int, radius: float) -> np.ndarray:
    """White discs at the points on black."""
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    distance = np.min([np.hypot(x - px, y - py) for px, py in points], axis=0)
    return (255 * np.clip(radius - distance + 0.5, 0, 1)).astype(np.uint8)


def centre_of_mass(image: np.ndarray) -> tuple[float, float]:
    weights = image.astype(float)
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]] + 0.5
    return (x * weights).sum() / weights.sum(), (y * weights).sum() / weights.sum()


@pytest.mark.parametrize("degrees", [0, 30, -75, 180])
def test_a_similar_copy_of_the_template_lands_exactly_on_it(degrees: float) -> None:
    points = turned(TEMPLATE, degrees, 240.0, (300.0, 90.0))
    assert np.allclose(apply(similarity(points, 64), points), TEMPLATE * 64)


def test_a_margin_keeps_the_size_and_shows_more_around() -> None:
    points = turned(TEMPLATE, 10, 100.0, (20.0, 30.0))
    landed = apply(similarity(points, 80, margin=0.125), points)
    assert np.allclose(landed, (TEMPLATE * 64) + 8)


def test_noisy_points_are_fitted_by_least_squares() -> None:
    rng = np.random.default_rng(0)
    points = turned(TEMPLATE, 12, 90.0, (5.0, 7.0)) + rng.normal(0, 2, (5, 2))
    best = similarity(points, 64)

    def loss(matrix: np.ndarray) -> float:
        return float(((apply(matrix, points) - TEMPLATE * 64) ** 2).sum())

    for nudge in np.eye(4) * 1e-3:
        for sign in (1, -1):
            a, b, x, y = sign * nudge
            assert loss(best + np.array([[a, -b, x], [b, a, y]])) >= loss(best)


def test_points_on_one_spot_are_refused() -> None:
    with pytest.raises(ImageError, match="aligned"):
        similarity(np.ones((5, 2)), 64)
    with pytest.raises(ImageError, match="aligned"):
        similarity(np.full((5, 2), np.nan), 64)


def test_five_points_are_eye_means_nose_tip_and_mouth_corners() -> None:
    landmarks = np.arange(136, dtype=float).reshape(68, 2)
    expected = [landmarks[[36, 41]].mean(0), landmarks[[42, 47]].mean(0), *landmarks[[30, 48, 54]]]
    assert np.array_equal(five_points(landmarks), expected)


def test_points_of_real_orders_make_a_face_and_others_do_not() -> None:
    landmarks = [value for value in load_bundled().column("landmarks") if value is not None][::40]
    rolled = [np.roll(one, 17, axis=0) for one in landmarks]
    assert all(make_a_face(five_points(one)) for one in landmarks)
    assert all(make_a_face(five_points(one[:, ::-1] * (1, -1))) for one in landmarks), "one that lies is a face"
    for spoilt in (
        [one[::-1] for one in landmarks],
        [one[:, ::-1] for one in landmarks],  # y before x
        [one.T.reshape(68, 2) for one in landmarks],
        [one / 128 for one in landmarks],  # shares of the side
        [one * np.nan for one in landmarks],
        [one * 0 for one in landmarks],
        rolled,
    ):
        assert not any(make_a_face(five_points(one)) for one in spoilt)


@pytest.mark.parametrize(("scale", "size"), [(40, 64), (64, 64), (150, 64), (900, 64), (70, 160)])
@pytest.mark.parametrize("degrees", [0, 25])
def test_every_point_lands_on_the_template_at_any_scale(scale: float, size: int, degrees: float) -> None:
    shift = (scale * 0.6, scale * 0.3)
    points = turned(TEMPLATE, degrees, scale, shift)
    for point, wanted in zip(points, TEMPLATE * size, strict=True):
        photo = dots(point[None], int(scale * 2), int(scale * 2), radius=scale * 0.06)
        assert np.allclose(centre_of_mass(align(photo, points, size)), wanted, atol=0.02 * size)


def test_fine_patterns_are_averaged_when_shrinking() -> None:
    photo = np.tile(np.array([[0, 255], [255, 0]], np.uint8), (300, 300))
    for scale in (100, 130, 200, 555):
        inner = align(photo, turned(TEMPLATE, 3, scale, (10.0, 10.0)), 64)[8:-8, 8:-8]
        assert np.abs(inner.astype(int) - 127).max() <= 40, scale


def test_an_untouched_crop_is_exact_but_for_rounding() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    crop = align(photo, TEMPLATE * 48 + (20, 30), 48)
    assert np.abs(crop.astype(int) - photo[30:78, 20:68]).max() <= 1


def test_grey_stays_grey_and_colour_stays_colour() -> None:
    photo = np.zeros((50, 60), np.uint8)
    assert align(photo, TEMPLATE * 30, 32).shape == (32, 32)
    assert align(np.zeros((50, 60, 3), np.uint8), TEMPLATE * 30, 32).shape == (32, 32, 3)


def test_beyond_the_photo_it_is_mirrored_and_fades_to_the_mean() -> None:
    photo = np.full((60, 60), 100, np.uint8)
    assert np.abs(align(photo, TEMPLATE * 60 + 25, 64).astype(int) - 100).max() <= 1
    photo[:, 30:] = 200
    crop = align(photo, TEMPLATE * 60 + (30, 0), 60)  # the right half lies beyond the photo
    assert crop[30, 5] == 200
    assert abs(int(crop[30, 32]) - 200) <= 1
    assert np.ptp(crop[:, 55].astype(int)) <= 1


def test_a_face_far_outside_does_no_harm() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (20, 20), dtype=np.uint8)
    assert align(photo, TEMPLATE * 50 + 500, 32).shape == (32, 32)
    assert np.array_equal(paste_back(photo, np.zeros((32, 32), np.uint8), TEMPLATE * 50 + 500), photo)


@pytest.mark.parametrize("scale", [40.0, 64.0, 300.0])
def test_pasting_the_crop_back_changes_next_to_nothing(scale: float) -> None:
    x, y = np.meshgrid(np.linspace(0, 3, 400), np.linspace(0, 3, 400))
    photo = (127 + 100 * np.sin(x) * np.cos(y)).astype(np.uint8)
    points = turned(TEMPLATE, 15, scale, (90.0, 40.0))
    pasted = paste_back(photo, align(photo, points, 64), points)
    assert np.abs(pasted.astype(int) - photo).max() <= 3


def test_an_edit_reaches_the_middle_and_leaves_the_rest() -> None:
    photo = np.zeros((200, 200, 3), np.uint8)
    points = TEMPLATE * 100 + 50
    pasted = paste_back(photo, np.full((64, 64), 255, np.uint8), points)
    assert pasted[100, 100].tolist() == [255, 255, 255]
    assert pasted[:50].max() == 0
    assert pasted[:, :50].max() == 0
    steps = np.abs(np.diff(pasted[100, :, 0].astype(int)))
    assert steps.max() < 40, "the edge must be soft"
    assert photo.max() == 0, "the photo itself stays as it was"
