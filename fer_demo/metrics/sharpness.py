"""Sharpness: how much fine detail a picture holds, and how much of it a result keeps."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv2d

LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
FEATURES = (0.25, 0.90, 0.20, 0.80)  # top, bottom, left, right of brows to chin on the template; hair would hide blur
MOUTH = (0.62, 0.92, 0.28, 0.72)  # the lips and what lies around them


def sharpness(
    faces: Float[Tensor, "batch channels height width"], region: tuple[float, float, float, float] = FEATURES
) -> Float[Tensor, " batch"]:
    """Standard deviation of the Laplacian in a region of the template, in grey levels; half the contrast has half.

    The root of the usual variance of the Laplacian (Pech-Pacheco et al. 2000), so that ratios read as contrast.
    """
    height, width = faces.shape[-2:]
    top, bottom = (round(part * height) for part in region[:2])
    left, right = (round(part * width) for part in region[2:])
    luma = faces.mean(dim=1, keepdim=True)[:, :, top:bottom, left:right] * 127.5
    kernel = torch.tensor(LAPLACIAN, dtype=faces.dtype, device=faces.device)[None, None]
    return conv2d(luma, kernel).flatten(1).std(dim=1, unbiased=False)


def sharpness_ratio(
    results: Float[Tensor, "batch channels height width"], sources: Float[Tensor, "batch channels height width"]
) -> Float[Tensor, " batch"]:
    """Each result's sharpness over its source's: below 1 it is blurred, above 1 it has noise or edges of its own."""
    return sharpness(results) / sharpness(sources).clamp_min(1e-3)
