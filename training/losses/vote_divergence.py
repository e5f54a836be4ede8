"""Cross-entropy to the distribution of human votes (Barsoum et al. 2016, Sec. 3.2)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def vote_divergence(
    logits: Float[Tensor, "batch classes"], shares: Float[Tensor, "batch classes"]
) -> Float[Tensor, ""]:
    """Mean of -sum p log q over the faces that have votes; rows of zeros count for nothing.

    Equals the Kullback-Leibler divergence up to the votes' own entropy, so the gradients are the same.
    """
    voted = shares.sum(dim=1) > 0
    losses = -(shares * logits.log_softmax(dim=1)).sum(dim=1)
    return losses.sum() / voted.sum().clamp(min=1)
