"""A softmax over angles that asks for a margin (Wang et al. 2018, "CosFace", Eq. 4)."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize, one_hot


def cosine_margin(
    codes: Float[Tensor, "batch dims"],
    centres: Float[Tensor, "classes dims"],
    labels: Int[Tensor, " batch"],
    scale: float,
    margin: float,
) -> Float[Tensor, ""]:
    """Cross-entropy of scale * (cos - margin at the right class): codes must lie nearer to it by that much."""
    cosines = normalize(codes, dim=1) @ normalize(centres, dim=1).T
    return cross_entropy(scale * (cosines - margin * one_hot(labels, len(centres))), labels)
