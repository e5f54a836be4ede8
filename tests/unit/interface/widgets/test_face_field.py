"""The largest face is meant at first, and faces are numbered from left to right."""

from __future__ import annotations

import numpy as np

from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.interface.widgets.face_field import ChosenFace

PHOTO = np.zeros((64, 64, 3), np.uint8)


def crop(left: float, size: float) -> FaceCrop:
    return FaceCrop(PHOTO, DetectedFace((left, 0.0, left + size, size), np.zeros((5, 2)), 0.9))


def test_faces_are_numbered_from_left_to_right_and_the_largest_is_meant() -> None:
    large, left, middle = crop(40, 20), crop(0, 10), crop(20, 9)
    chosen = ChosenFace.largest((large, left, middle))
    assert chosen.crops == (left, middle, large)
    assert chosen.index == 2
    assert chosen.crop is large


def test_a_picture_used_whole_is_one_face() -> None:
    whole = FaceCrop(PHOTO, None)
    assert ChosenFace.largest((whole,)).crop is whole
