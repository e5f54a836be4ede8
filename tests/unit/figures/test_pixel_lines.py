"""Drawings of a pixel regression: white is untouched, and each side of it has a colour of its own."""

from __future__ import annotations

import numpy as np

from fer_demo.figures.pixel_lines import LESS, MORE, SIDE, STAYS, added_picture, stays_picture


def corners(drawn: np.ndarray) -> list[tuple[int, ...]]:
    assert drawn.shape == (SIDE, SIDE, 3)
    return [tuple(map(int, drawn[row, column])) for row, column in ((0, 0), (0, -1), (-1, 0))]


def test_what_stays_is_white_and_what_is_replaced_is_not() -> None:
    assert corners(stays_picture(np.array([[1.0, 0.0], [2.0, 1.0]]))) == [STAYS, LESS, MORE]


def test_the_largest_addition_has_the_full_colour_however_small() -> None:
    assert corners(added_picture(np.array([[0.0, -0.1], [0.1, 0.0]]))) == [STAYS, LESS, MORE]
    assert corners(added_picture(np.zeros((2, 2)))) == [STAYS, STAYS, STAYS]
