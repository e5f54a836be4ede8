"""Cross-entropy to the weights of the 52 facial units, each a soft yes or no."""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def unit_divergence(
    logits: Float[Tensor, "batch 52"], units: Float[Tensor, "batch 52"], known: Bool[Tensor, " batch"]
) -> Float[Tensor, ""]:
    """Mean of -u log p - (1 - u) log(1 - p) over the units of the known faces; 0 if there are none."""
    losses = binary_cross_entropy_with_logits(logits, units, reduction="none").mean(dim=1)
    return (losses * known).sum() / known.sum().clamp(min=1)
