"""The hinge losses of adversarial training (Lim and Ye 2017, Miyato et al. 2018)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import relu


def discriminator_hinge(real: Tensor, made: Tensor, weight: Tensor) -> Float[Tensor, ""]:
    """Real pictures shall score above 1, made ones below -1; beyond that there is nothing to gain."""
    return (relu(1 - real) * weight).mean() + (relu(1 + made) * weight).mean()


def generator_hinge(made: Tensor, weight: Tensor) -> Float[Tensor, ""]:
    """Made pictures shall score as high as they can."""
    return -(made * weight).mean()
