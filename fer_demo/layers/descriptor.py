"""Stages of the residual network behind dlib's face descriptor (King 2009): no norms, and shortcuts without weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, max_pool2d, pad


class DescriptorBlock(nn.Module):
    """Two convolutions beside a shortcut without weights: mean pooling, and zeros for channels it does not have."""

    def __init__(self, inputs: int, outputs: int, halves: bool) -> None:
        super().__init__()
        self.halves = halves
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 2, 0) if halves else nn.Conv2d(inputs, outputs, 3, 1, 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1)

    def forward(self, maps: Float[Tensor, "batch inputs h w"]) -> Float[Tensor, "batch outputs h2 w2"]:
        change = self.conv2(torch.relu(self.conv1(maps)))
        shortcut = avg_pool2d(maps, 2) if self.halves else maps
        # Neither path pads when it halves, so sides may differ by one: the smaller gets zeros at its right and bottom.
        side, width = max(change.shape[-1], shortcut.shape[-1]), change.shape[1]
        return torch.relu(_widened(change, side, width) + _widened(shortcut, side, width))


def _widened(maps: Float[Tensor, "batch inputs h w"], side: int, width: int) -> Float[Tensor, "batch width side side"]:
    """The maps with zeros for what they lack; as they are, and not copied, where they lack nothing."""
    lacking, channels = side - maps.shape[-1], width - maps.shape[1]
    return pad(maps, (0, lacking, 0, lacking, 0, channels)) if lacking or channels else maps


def descriptor_stages(widths: Sequence[int], blocks: Sequence[int]) -> nn.ModuleList:
    """One stage for each width; all but the first begin by halving the side."""
    stages: list[nn.Module] = []
    previous = widths[0]
    for number, (width, count) in enumerate(zip(widths, blocks, strict=True)):
        stage = [DescriptorBlock(previous, width, halves=number > 0)]
        stage += [DescriptorBlock(width, width, halves=False) for _ in range(count - 1)]
        stages.append(nn.Sequential(*stage))
        previous = width
    return nn.ModuleList(stages)


def descriptor_maps(
    stem: nn.Module, stages: nn.ModuleList, pictures: Float[Tensor, "batch channels h w"]
) -> list[Float[Tensor, "batch _ _ _"]]:
    """The maps after each stage, fine to coarse; `stem` is the convolution before them."""
    maps = max_pool2d(torch.relu(stem(pictures)), 3, 2)
    found = []
    for stage in stages:
        maps = stage(maps)
        found.append(maps)
    return found


def place_of_maps(side: int, stage: int) -> tuple[float, float]:
    """Where the maps of a stage, 0 for the first, begin and end along a picture of this side, in fractions of it.

    Each cell lies in the middle of what it sees: nothing is padded before maps shrink, so they end inside the picture.
    """
    cells, cell, middle = ((side - 7) // 2 - 2) // 2 + 1, 4, 5.5  # pixels; after the stem and the pooling
    for _ in range(stage):
        middle += 0.75 * cell  # by the convolution a whole cell, by the shortcut half of one
        cells, cell = cells // 2, 2 * cell
    return (middle - cell / 2) / side, (middle - cell / 2 + cells * cell) / side
