"""Hiding parts of a face: by its mean grey, by a blur, or by what the seen pixels around suggest."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, conv2d, interpolate, pad

_SWEEPS = 30  # over an imputed picture that is already filled coarsely; more change no curve
_NOISE = 0.02  # of imputed pixels in [-1, 1], so that no network reads their smoothness (Rong et al. 2022: 0.01 of 1)
_DIRECT, _DIAGONAL = 1 / 6, 1 / 12  # weights of a pixel's neighbours (Rong et al. 2022, Eq. 5)


def mean_grey(face: Float[Tensor, "1 channels size size"]) -> Float[Tensor, "1 channels size size"]:
    """A picture of the face's mean colour alone."""
    return face.mean(dim=(2, 3), keepdim=True).expand_as(face)


def blurred(face: Float[Tensor, "1 channels size size"]) -> Float[Tensor, "1 channels size size"]:
    """The face so blurred that no part of it can be made out."""
    coarse = adaptive_avg_pool2d(face, 4)
    return interpolate(coarse, size=face.shape[-2:], mode="bicubic", align_corners=False).clamp(-1, 1)


def imputed(
    face: Float[Tensor, "1 channels size size"], hidden: Float[Tensor, "batch 1 size size"], seed: int
) -> Float[Tensor, "batch channels size size"]:
    """The face with its hidden pixels as means of their neighbours, hidden or not (Rong et al. 2022, ROAD).

    The linear equations are solved by a coarse filling and sweeps. A shape of what is hidden stays invisible.
    """
    seen = 1 - hidden
    filled = _filled_coarsely(face, seen)
    kernel = face.new_tensor([[_DIAGONAL, _DIRECT, _DIAGONAL], [_DIRECT, 0, _DIRECT], [_DIAGONAL, _DIRECT, _DIAGONAL]])
    channels = face.shape[1]
    kernel = kernel.expand(channels, 1, 3, 3)
    for _ in range(_SWEEPS):
        around = conv2d(pad(filled, (1, 1, 1, 1), mode="replicate"), kernel, groups=channels)
        filled = seen * face + hidden * around
    noise = torch.randn(filled.shape, generator=torch.Generator().manual_seed(seed)).to(filled)
    return filled + hidden * _NOISE * noise


def _filled_coarsely(face: Tensor, seen: Tensor) -> Tensor:
    """Each hidden pixel as the mean of the smallest cell around it, of halved sides, that is seen in part."""
    size = face.shape[-1]
    filled = face.mean(dim=(2, 3), keepdim=True).expand(len(seen), -1, size, size)
    side = 1
    while side < size:
        shares = adaptive_avg_pool2d(seen, side)
        means = adaptive_avg_pool2d(seen * face, side) / shares.clamp_min(1e-6)
        fine, known = (interpolate(grid, size=(size, size)) for grid in (means, shares))
        filled = torch.where(known > 0, fine, filled)
        side *= 2
    return seen * face + (1 - seen) * filled
