"""The perceptual distance with feature maps whose answer is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fer_demo.metrics.perceptual import perceptual_distance


def as_it_is(faces: Tensor) -> list[Tensor]:
    """The picture itself is the only stage."""
    return [faces]


def test_equal_pictures_are_nowhere_from_each_other() -> None:
    faces = torch.rand(2, 3, 4, 4)
    assert perceptual_distance(faces, faces, as_it_is).tolist() == [0, 0]


def test_opposite_directions_are_four_apart_and_right_angles_two() -> None:
    red = torch.tensor([1.0, 0, 0])[None, :, None, None].expand(2, 3, 4, 4)
    others = torch.stack([-5 * red[0], red[0].roll(1, dims=0)])  # length does not matter
    assert perceptual_distance(red, others, as_it_is).tolist() == pytest.approx([4, 2])


def test_every_stage_counts_alike() -> None:
    red = torch.tensor([1.0, 0, 0])[None, :, None, None].expand(1, 3, 4, 4)

    def two_stages(faces: Tensor) -> list[Tensor]:
        return [faces, torch.ones(1, 5, 2, 2)]

    assert perceptual_distance(red, -red, two_stages).item() == pytest.approx(2)
