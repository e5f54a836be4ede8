"""Peak signal-to-noise ratio of two pictures, in decibels."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

LEAST_ERROR = 1e-8  # mean square of pictures in 0..1: equal pictures have 80 dB


def peak_signal_to_noise(
    one: Float[Tensor, "batch channels height width"], other: Float[Tensor, "batch channels height width"]
) -> Float[Tensor, " batch"]:
    """-10 log10 of the mean squared difference, of pictures in [-1, 1] brought to 0..1."""
    error = ((one - other) / 2).square().mean(dim=(1, 2, 3))
    return -10 * torch.log10(error.clamp_min(LEAST_ERROR))
