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


def warp_and_paint(
    photos: Float[Tensor, "batch channels height width"],
    flow: Float[Tensor, "batch 2 rows columns"],
    mask: Float[Tensor, "batch 1 mask_rows mask_columns"],
    paint: Float[Tensor, "batch 1 mask_rows mask_columns"],
) -> Float[Tensor, "batch channels height width"]:
    """Warped photos, grey or RGB, whose luma is that of the paint where the mask is 1; chroma and detail stay."""
    height, width = photos.shape[2:]
    warped = warp(photos, flow)
    mask, paint = enlarge(mask, height, width), enlarge(paint, height, width)
    return (warped + mask * (paint - luma(warped))).clamp(-1, 1)


def luma(pictures: Float[Tensor, "batch channels h w"]) -> Float[Tensor, "batch 1 h w"]:
    """ITU-R BT.601 luma of RGB; a grey picture is its own."""
    if pictures.shape[1] == 1:
        return pictures
    weights = pictures.new_tensor([0.299, 0.587, 0.114])[:, None, None]
    return (pictures * weights).sum(dim=1, keepdim=True)
