"""Mean absolute error of numbers that only some faces come with."""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor


def known_error(
    result: Float[Tensor, "batch numbers"], truth: Float[Tensor, "batch numbers"], known: Bool[Tensor, " batch"]
) -> Float[Tensor, ""]:
    """Mean of |result - truth| over the known faces; 0 if there are none."""
    losses = (result - truth).abs().mean(dim=1)
    return (losses * known).sum() / known.sum().clamp(min=1)
