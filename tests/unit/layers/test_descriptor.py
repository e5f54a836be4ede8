"""Where on the picture the maps of each stage lie, held to what their cells see."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from fer_demo.layers.descriptor import DescriptorBlock, descriptor_maps, descriptor_stages, place_of_maps

SIDE = 112


def middle_seen(stage: int, row: int, by_convolutions: float) -> float:
    """The middle, in pixels, of what a row of cells sees, by the shortcuts and so much more by the convolutions."""
    stem, stages = nn.Conv2d(1, 4, 7, 2), descriptor_stages((4, 4, 4, 4), (1, 1, 1, 1))
    for weights in (*stem.parameters(), *stages.parameters()):
        nn.init.constant_(weights, 0.01)
    for block in stages.modules():
        if isinstance(block, DescriptorBlock):
            nn.init.zeros_(block.conv2.weight)
            block.conv2.weight.data[:, :, 1, 1] = by_convolutions
    pictures = torch.rand(8, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0)).requires_grad_()
    maps = descriptor_maps(stem, stages, pictures)[stage]
    (seen,) = torch.autograd.grad(maps[:, :, row, :-1].sum(), pictures)
    along = seen.sum(dim=(0, 1, 3))
    return float((along * (torch.arange(SIDE) + 0.5)).sum() / along.sum())


@pytest.mark.parametrize(("stage", "cells"), [(0, 26), (1, 13), (2, 6), (3, 3)])
def test_cells_lie_between_what_they_see_by_shortcuts_and_by_convolutions(stage: int, cells: int) -> None:
    begin, end = place_of_maps(SIDE, stage)
    cell = (end - begin) * SIDE / cells
    assert cell == 4 * 2**stage
    row = cells // 2  # those at the rim see beyond the picture
    seen = [middle_seen(stage, row, share) for share in (0.0, 1e4)]
    assert sum(seen) / 2 == pytest.approx(begin * SIDE + (row + 0.5) * cell, abs=0.7)
    assert seen[1] - seen[0] == pytest.approx((cell - 4) / 2, abs=1)


def test_maps_of_other_pictures_lie_inside_them_too() -> None:
    for side in (64, 96, 113, 150):
        for stage in range(4):
            begin, end = place_of_maps(side, stage)
            assert 0 < begin < end <= 1, (side, stage)
