"""Gradient penalty: a critic whose slope is 1 between real and made faces (Gulrajani et al. 2017, Eq. 3)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor


def gradient_penalty(
    score: Callable[[Tensor], Tensor],
    real: Float[Tensor, "batch c h w"],
    made: Float[Tensor, "batch c h w"],
    share: Float[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """Mean of (|grad score(x)| - 1)^2 at x = share real + (1 - share) made; neither of the two learns from it.

    `score` gives any number of scores for each face, whose mean counts.
    """
    places = torch.lerp(made.detach(), real.detach(), share[:, None, None, None]).requires_grad_()
    # A view: what counts a step's operations follows gradients into modules, which torch cannot do for a leaf.
    scores = score(places.view_as(places)).flatten(1).mean(dim=1)
    (slope,) = torch.autograd.grad(scores.sum(), places, create_graph=True)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()
