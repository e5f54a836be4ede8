"""Structural similarity of two pictures of one scene: 1 for equal ones (Wang, Bovik, Sheikh, Simoncelli 2004)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv2d

WINDOW, SIGMA = 11, 1.5  # the paper's Gaussian
C1, C2 = 0.01**2, 0.03**2  # for pictures in 0..1


def structural_similarity(
    one: Float[Tensor, "batch channels height width"], other: Float[Tensor, "batch channels height width"]
) -> Float[Tensor, " batch"]:
    """Mean over channels and over all places where the whole window fits; pictures in [-1, 1], sides of 11 or more."""
    a, b = (one + 1) / 2, (other + 1) / 2
    mean_a, mean_b = _blurred(a), _blurred(b)
    variance_a = _blurred(a * a) - mean_a**2
    variance_b = _blurred(b * b) - mean_b**2
    covariance = _blurred(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    structure = (2 * covariance + C2) / (variance_a + variance_b + C2)
    return (light * structure).mean(dim=(1, 2, 3))


def _blurred(pictures: Tensor) -> Tensor:
    offsets = torch.arange(WINDOW, dtype=pictures.dtype, device=pictures.device) - WINDOW // 2
    weights = torch.exp(-(offsets**2) / (2 * SIGMA**2))
    weights = weights / weights.sum()
    flat = pictures.flatten(0, 1)[:, None]
    flat = conv2d(conv2d(flat, weights[None, None, :, None]), weights[None, None, None, :])
    return flat.unflatten(0, pictures.shape[:2])[:, :, 0]
