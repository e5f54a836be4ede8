"""Sharpness on pictures whose answer is known."""

from __future__ import annotations

import pytest
import torch

from fer_demo.metrics.sharpness import MOUTH, sharpness, sharpness_ratio


def test_a_checkerboard_has_eight_times_its_contrast() -> None:
    board = (torch.arange(20)[:, None] + torch.arange(20)) % 2 * 2.0 - 1  # the Laplacian is -8 and +8 times 127.5
    assert sharpness(0.1 * board[None, None]).item() == pytest.approx(0.8 * 127.5, rel=1e-4)


def test_a_slope_is_not_sharp() -> None:
    slope = torch.linspace(-1, 1, 20).expand(1, 3, 20, 20)
    assert sharpness(slope).item() == pytest.approx(0, abs=1e-3)


def test_half_the_contrast_is_half_as_sharp() -> None:
    faces = torch.rand(3, 1, 32, 32) - 0.5
    assert sharpness_ratio(0.5 * faces, faces).tolist() == pytest.approx([0.5] * 3)


def test_only_the_features_count() -> None:
    faces = torch.rand(1, 1, 40, 40) - 0.5
    outside = faces.clone()
    outside[..., :8, :] = 0  # forehead and hair
    assert sharpness_ratio(outside, faces).item() == 1


def test_a_mouth_that_is_blurred_is_told_from_a_face_that_is_not() -> None:
    faces = torch.rand(1, 1, 40, 40) - 0.5
    blurred = faces.clone()
    blurred[..., 24:38, 10:30] *= 0.25
    assert (sharpness(blurred, MOUTH) / sharpness(faces, MOUTH)).item() == pytest.approx(0.25, rel=0.1)
    assert sharpness_ratio(blurred, faces).item() > 0.6
