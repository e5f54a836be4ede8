"""What changes along a strip beside person and expression, on frames whose changes are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.transfer.frame_drift import strip_drift
from fer_demo.inference.transfer.interpolation import Strip
from fer_demo.models.identity_embedder import IdentityEmbedder, IdentityEmbedderConfig


class Turning:
    """Finds the template in every picture, rolled by its brightness in degrees; nothing in a black one."""

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        angle = np.radians(float(photo.mean()))
        if angle == 0:
            return ()
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return (DetectedFace((0.0, 0.0, 1.0, 1.0), TEMPLATE @ turn.T, 0.9),)


def strip(shades: list[int], probabilities: np.ndarray | None = None) -> Strip:
    frames = np.stack([np.full((16, 16, 3), shade, np.uint8) for shade in shades])
    if probabilities is None:
        probabilities = np.full((len(shades), len(BASIC)), 1 / len(BASIC), np.float32)
    return Strip(frames, np.linspace(0, 1, len(shades), dtype=np.float32), probabilities, None, "expression")


def test_brightness_and_roll_are_measured_from_the_first_frame() -> None:
    found = strip_drift(strip([10, 15, 30]), "happy", Turning(), None)
    np.testing.assert_allclose(found.brightness, [0, 5, 20], atol=0.01)
    np.testing.assert_allclose(found.pose, [0, 5, 20], atol=0.5)
    assert found.steps is None
    assert found.largest_step is None


def test_a_frame_without_a_face_has_no_pose() -> None:
    assert np.isnan(strip_drift(strip([10, 0, 12]), "happy", Turning(), None).pose).tolist() == [False, True, False]


def test_what_other_expressions_gain_is_stray_and_what_they_lose_is_not() -> None:
    probabilities = np.zeros((3, len(BASIC)), np.float32)
    happy, fear, neutral = (BASIC.index(name) for name in ("happy", "fear", "neutral"))
    probabilities[0, neutral] = 1
    probabilities[1, [happy, neutral]] = 0.5
    probabilities[2, [happy, fear]] = 0.75, 0.25
    np.testing.assert_allclose(
        strip_drift(strip([9, 9, 9], probabilities), "happy", Turning(), None).stray, [0, 0, 0.25]
    )


def test_even_steps_have_a_largest_of_one_and_a_jump_has_more() -> None:
    torch.manual_seed(0)
    embedder = IdentityEmbedder(IdentityEmbedderConfig(widths=(2, 2, 2, 2), blocks=(1, 1, 1, 1))).eval()
    jump = strip_drift(strip([20, 20, 200]), "happy", Turning(), embedder)
    assert jump.steps is not None
    assert jump.steps.shape == (2,)
    assert jump.steps[0] == 0
    assert jump.largest_step == pytest.approx(2)
    assert strip_drift(strip([20, 20, 20]), "happy", Turning(), embedder).largest_step is None
