"""Warping: sample a picture along a dense field whose unit is the picture itself, so that it fits any size."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate


def warp(
    pictures: Float[Tensor, "batch channels height width"], flow: Float[Tensor, "batch 2 rows columns"]
) -> Float[Tensor, "batch channels height width"]:
    """The picture that shows at p what `pictures` shows at p + flow.

    Flow is (right, down) with the picture 2 wide and 2 high, like [-1, 1]; a coarser field is enlarged to the pictures.
    Beyond the edge a picture goes on as its last row or column. Between pixels it is cubic, for a linear one would
    blur; at sharp edges it may leave the range of the pictures a little.
    """
    height, width = pictures.shape[2:]
    field = enlarge(flow, height, width).permute(0, 2, 3, 1)
    places = field + pixel_places(height, width).to(field)
    return grid_sample(pictures, places, mode="bicubic", padding_mode="border", align_corners=False)


def pixel_places(height: int, width: int) -> Float[Tensor, "height width 2"]:
    """The middle of each pixel, (right, down), where the picture is 2 wide and 2 high."""
    across = (torch.arange(width) * 2 + 1) / width - 1
    down = (torch.arange(height) * 2 + 1) / height - 1
    return torch.stack(torch.meshgrid(across, down, indexing="xy"), dim=-1)


def enlarge(
    field: Float[Tensor, "batch channels rows columns"], height: int, width: int
) -> Float[Tensor, "batch channels height width"]:
    """A field at the resolution of a larger picture, or itself if it has that already."""
    if field.shape[2:] == (height, width):
        return field
    return interpolate(field, (height, width), mode="bilinear", align_corners=False)
