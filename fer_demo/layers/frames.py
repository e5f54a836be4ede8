"""Frames that a face's landmarks define, for whole batches: ways between them, and pictures cut along them."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample


def similarity_onto(points: Float[Tensor, "batch points 2"], places: Float[Tensor, "points 2"]) -> Tensor:
    """The least-squares rotations, scales and shifts (batch 2 3) from points to their places (Umeyama 1991).

    `faces.alignment.fit_similarity` is the same for one photo, in float64 and with an error for points that coincide.
    A network needs a batch on its own device and a gradient, and must not stop at a face that it imagines on one spot.
    """
    middle, target_middle = points.mean(dim=1), places.mean(dim=0)
    source, target = points - middle[:, None], places - target_middle
    spread = source.square().sum(dim=(1, 2)).clamp_min(1e-6)
    along = (source * target).sum(dim=(1, 2)) / spread
    across = (source[..., 0] * target[:, 1] - source[..., 1] * target[:, 0]).sum(dim=1) / spread
    linear = torch.stack([torch.stack([along, -across], dim=1), torch.stack([across, along], dim=1)], dim=1)
    shift = target_middle - (linear @ middle[:, :, None])[..., 0]
    return torch.cat([linear, shift[:, :, None]], dim=2)


def inverse(matrix: Float[Tensor, "batch 2 3"]) -> Float[Tensor, "batch 2 3"]:
    """The way back."""
    linear = torch.linalg.inv(matrix[:, :, :2])
    return torch.cat([linear, -linear @ matrix[:, :, 2:]], dim=2)


def moved_by(matrix: Float[Tensor, "batch 2 3"], points: Float[Tensor, "batch points 2"]) -> Tensor:
    """The points in the frame that the matrix leads to."""
    return points @ matrix[:, :, :2].transpose(1, 2) + matrix[:, None, :, 2]


def cut(
    pictures: Float[Tensor, "batch channels height width"],
    places: Float[Tensor, "batch rows columns 2"],
    padding: str = "border",
) -> Float[Tensor, "batch channels rows columns"]:
    """What the pictures show at these places, from -1 to 1 across them."""
    return grid_sample(pictures, places.to(pictures), mode="bilinear", padding_mode=padding, align_corners=False)
