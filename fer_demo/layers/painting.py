"""Painting: an edit put on the photo itself, at any size, in the photo's colours."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate, max_pool2d

from fer_demo.layers.shading import shaded
from fer_demo.layers.warping import enlarge, warp

_AROUND = 0.06  # of the picture's side: how far from the paint the skin is looked at


def warp_and_paint(
    photos: Float[Tensor, "batch channels height width"],
    flow: Float[Tensor, "batch 2 cells cells"],
    shading: Float[Tensor, "batch 1 cells cells"],
    mask: Float[Tensor, "batch 1 rows columns"],
    paint: Float[Tensor, "batch 1 rows columns"],
    inside: Float[Tensor, "batch 1 rows columns"],
) -> Float[Tensor, "batch channels height width"]:
    """Warped and shaded photos, grey or RGB, whose luma is that of the paint where the mask is 1.

    Chroma and detail stay those of the photo, but the inside of a mouth has colours of its own.
    """
    height, width = photos.shape[2:]
    warped = warp_and_shade(photos, flow, shading)
    skin = skin_around(warped, mask)
    mask, paint, inside = (enlarge(part, height, width) for part in (mask, paint, inside))
    painted = warped + mask * (paint - luma(warped))
    if photos.shape[1] == 3:
        painted = painted + mask * inside * (mouth_colours(paint, skin) - chroma(warped))
    return painted.clamp(-1, 1)


def warp_and_shade(
    photos: Float[Tensor, "batch channels height width"],
    flow: Float[Tensor, "batch 2 cells cells"],
    shading: Float[Tensor, "batch 1 cells cells"],
) -> Float[Tensor, "batch channels height width"]:
    """What the skin becomes before anything is painted; at sharp edges it may leave the photos' range a little."""
    return shaded(warp(photos, flow), enlarge(shading, *photos.shape[2:]))


def mouth_colours(
    paint: Float[Tensor, "batch 1 height width"], skin: Float[Tensor, "batch 3 1 1"]
) -> Float[Tensor, "batch 3 height width"]:
    """The chroma of the inside of a mouth of this luma: gums and tongue are red, teeth hardly have a colour.

    Two lines put through the mean colours of 21 smiles, beside the skin of the same face (the table is in
    docs/methods/landmark_editor.md). skin: RGB in [-1, 1].
    """
    brightness = (paint + 1) / (luma(skin) + 1).clamp_min(1e-3)
    red, _, blue = chroma(skin).split(1, dim=1)
    red = red * torch.minimum(1.65 * brightness, (2.1 - 1.3 * brightness).clamp(0.38, 1.0))
    blue = blue * (1.1 * brightness).clamp_max(0.58)
    return torch.cat([red, -(0.299 * red + 0.114 * blue) / 0.587, blue], dim=1)


def skin_around(
    photos: Float[Tensor, "batch channels height width"], mask: Float[Tensor, "batch 1 rows columns"]
) -> Float[Tensor, "batch channels 1 1"]:
    """The mean colour of the skin around what is painted, or black where nothing is."""
    reach = max(round(_AROUND * mask.shape[3]), 1)
    touched = (mask > 0).to(photos)
    side = 2 * reach + 1  # of a square, which is as large in rows as in columns
    near = max_pool2d(max_pool2d(touched, (side, 1), stride=1, padding=(reach, 0)), (1, side), 1, (0, reach))
    ring = near - touched
    small = interpolate(photos, mask.shape[2:], mode="area")
    return (small * ring).sum(dim=(2, 3), keepdim=True) / ring.sum(dim=(2, 3), keepdim=True).clamp_min(1.0)


def chroma(pictures: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3 height width"]:
    """How red, green and blue differ from the luma."""
    return pictures - luma(pictures)


def luma(pictures: Float[Tensor, "batch channels h w"]) -> Float[Tensor, "batch 1 h w"]:
    """ITU-R BT.601 luma of RGB; a grey picture is its own."""
    if pictures.shape[1] == 1:
        return pictures
    weights = pictures.new_tensor([0.299, 0.587, 0.114])[:, None, None]
    return (pictures * weights).sum(dim=1, keepdim=True)
