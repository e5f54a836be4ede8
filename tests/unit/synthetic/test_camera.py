"""Sign conventions of the head pose."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.synthetic.camera import FIELD, Camera, rotation
from fer_demo.synthetic.factors import Pose

NOSE, LEFT_EAR = np.array([[0, 0, 1]], np.float32), np.array([[1, 0, 0]], np.float32)


def place(pose: Pose, points: np.ndarray) -> np.ndarray:
    camera = Camera(rotation(pose), np.zeros(3, np.float32), 1.0, pose.scale, pose.shift)
    return camera.project(camera.turned(points), 100)[0]


def test_a_head_turned_by_positive_yaw_looks_to_the_right_of_the_picture() -> None:
    assert place(Pose(yaw=20), NOSE)[0] > 60
    assert place(Pose(yaw=-20), NOSE)[0] < 40


def test_positive_pitch_bends_the_head_down() -> None:
    assert place(Pose(pitch=20), NOSE)[1] > 60


def test_positive_roll_tilts_counter_clockwise() -> None:
    assert place(Pose(roll=20), LEFT_EAR)[1] < 40


def test_a_head_unit_at_the_middle_spans_its_share_of_the_picture() -> None:
    assert place(Pose(), LEFT_EAR)[0] - 50 == pytest.approx(100 / FIELD, rel=1e-5)


def test_shift_moves_right_and_down() -> None:
    np.testing.assert_allclose(place(Pose(shift=(0.1, 0.2)), NOSE)[:2], [60, 70], atol=1e-3)
