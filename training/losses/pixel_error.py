"""Pixel errors that keep edges, and that look where a picture should have changed."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d


def edge_aware_error(
    result: Float[Tensor, "batch c h w"], truth: Float[Tensor, "batch c h w"], weight: Tensor | None = None
) -> Float[Tensor, ""]:
    """Mean absolute error of the pixels plus that of their differences along both axes; faces in [-1, 1].

    0 for an empty batch: a part of a batch may hold no faces.
    """
    if len(truth) == 0:
        return result.sum()
    weight = torch.ones_like(truth) if weight is None else weight
    pixels = ((result - truth).abs() * weight).mean()
    down = ((result - truth).diff(dim=2).abs() * weight[:, :, 1:]).mean()
    across = ((result - truth).diff(dim=3).abs() * weight[:, :, :, 1:]).mean()
    return pixels + down + across


def change_weight(
    truth: Float[Tensor, "batch c h w"], source: Float[Tensor, "batch c h w"], floor: float = 0.2
) -> Float[Tensor, "batch c h w"]:
    """Weights that are `floor` where truth and source agree and grow with the change, about 1 + floor on average.

    Without them the cheapest answer is to copy the source: an expression changes a small part of the pixels.
    """
    change = avg_pool2d((truth - source).abs(), 5, 1, 2)
    return change / (change.mean(dim=(1, 2, 3), keepdim=True) + 0.01) + floor
