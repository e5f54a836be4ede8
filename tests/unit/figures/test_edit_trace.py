"""Arrows begin where pixels were and point where they went; paint is tinted."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.figures.edit_trace import (
    BEFORE,
    MOVED,
    PAINTED,
    SIDE,
    farthest,
    landmarks_picture,
    trace_picture,
)

FACE = np.full((64, 64, 3), 200, np.uint8)


def drawn_in(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Which pixels have this colour."""
    return (np.abs(picture.astype(int) - colour) < 12).all(axis=2)


def test_what_came_from_the_left_has_arrows_to_the_right() -> None:
    moved = np.zeros((16, 16, 2), np.float32)
    moved[8, 8, 0] = -0.1  # what is here in the edit was to the left of it
    drawn = drawn_in(trace_picture(FACE, moved, np.zeros((16, 16), np.float32)), MOVED)
    columns = np.flatnonzero(drawn.any(axis=0))
    assert columns.max() > 8.5 * SIDE / 16 + 8  # beyond the place itself: three times as long
    one = drawn[264:288]  # the row of arrows through the place
    assert np.ptp(np.flatnonzero(one.any(axis=0))) > 3 * np.ptp(np.flatnonzero(one.any(axis=1)))
    assert farthest(moved) == pytest.approx(0.05)


def test_an_untouched_face_has_neither_arrows_nor_tint() -> None:
    picture = trace_picture(FACE, np.zeros((16, 16, 2), np.float32), np.zeros((16, 16), np.float32))
    assert picture.shape == (SIDE, SIDE, 3)
    assert np.ptp(picture) == 0


def test_paint_is_tinted() -> None:
    painted = np.zeros((16, 16), np.float32)
    painted[:, :4] = 1
    picture = trace_picture(FACE, np.zeros((16, 16, 2), np.float32), painted).astype(int)
    left, right = picture[256, 10], picture[256, 400]
    assert np.abs(left - PAINTED).sum() < np.abs(right - PAINTED).sum() / 2


def test_outlines_are_drawn_where_landmarks_are_and_where_they_go() -> None:
    landmarks = np.full((2, 68, 2), 0.5, np.float32)
    landmarks[:, 17:22, 0] = np.linspace(0.2, 0.4, 5)  # one brow, which rises
    landmarks[:, 17:22, 1] = [[0.3], [0.2]]
    picture = landmarks_picture(FACE, landmarks)
    assert picture.shape == (SIDE, SIDE, 3)
    for height, colour in ((0.3, BEFORE), (0.2, MOVED)):
        row = np.flatnonzero(drawn_in(picture, colour)[round(height * SIDE)])
        assert row.min() == pytest.approx(0.2 * SIDE, abs=4)
        assert row.max() == pytest.approx(0.4 * SIDE, abs=4)
