"""Where a face has nothing to move: learnt from rendered people, whose two pictures differ in the expression alone."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d

from training.data.augmentation import plain_views
from training.data.expression_pairs import ExpressionPairs

_MOVING = 0.2  # of the picture: the places that change most count as moving altogether


def still_places(pairs: ExpressionPairs, size: int) -> Float[Tensor, "size size"]:
    """1 where no rendered person's picture changes, down to 0 in the fifth that changes most; alike on both sides."""
    chosen = pairs.rendered
    changes = [
        (plain_views(source, size) - plain_views(target, size)).abs().sum(dim=0)
        for source, target in zip(pairs.source[chosen].split(256), pairs.target[chosen].split(256), strict=True)
    ]
    change = torch.stack(changes).sum(dim=0)
    change = avg_pool2d(change + change.flip(-1), 5, 1, 2, count_include_pad=False)[0]
    return 1 - (change / change.quantile(1 - _MOVING).clamp_min(1e-6)).clamp(max=1)


def stirred(
    painted: Float[Tensor, "batch c size size"],
    faces: Float[Tensor, "batch c size size"],
    still: Float[Tensor, "size size"],
) -> Float[Tensor, ""]:
    """The mean absolute change of faces, weighted by how still each place is."""
    return ((painted - faces).abs() * still).mean()
