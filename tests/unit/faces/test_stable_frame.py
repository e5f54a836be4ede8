"""Faces on the stable frame lie alike whatever the mouth does, and `align` cuts them where the frame says."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.faces.alignment import similarity
from fer_demo.faces.stable_frame import PLACES, STABLE, in_stable_frame, stable_points


@pytest.fixture
def landmarks() -> np.ndarray:
    points = np.random.default_rng(1).uniform(0.2, 0.8, (68, 2))
    points[list(STABLE)] = PLACES
    return points


def turned(points: np.ndarray) -> np.ndarray:
    cos, sin = np.cos(0.3), np.sin(0.3)
    return 140 * points @ np.array([[cos, sin], [-sin, cos]]) + (31, -12)


def test_place_size_and_roll_of_a_face_do_not_matter(landmarks: np.ndarray) -> None:
    np.testing.assert_allclose(in_stable_frame(turned(landmarks)), landmarks, atol=1e-9)


def test_an_open_mouth_moves_no_other_point(landmarks: np.ndarray) -> None:
    opened = landmarks.copy()
    opened[48:] += (0, 0.1)
    found = in_stable_frame(turned(opened))
    np.testing.assert_allclose(found[:48], landmarks[:48], atol=1e-9)
    np.testing.assert_allclose(found[48:], opened[48:], atol=1e-9)


def test_a_crop_by_the_stable_points_shows_the_frame(landmarks: np.ndarray) -> None:
    photo = turned(landmarks)
    matrix = similarity(stable_points(photo), 64)
    np.testing.assert_allclose(photo @ matrix[:, :2].T + matrix[:, 2], 64 * landmarks, atol=1e-6)
