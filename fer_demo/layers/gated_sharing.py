"""Gated sharing: what one task's features take over from another task's at the same level."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

SHARINGS = ("none", "full", "selective")
ALL_KEPT = 0.5  # z where nothing is chosen: half one's own features, half what both make together


class Gates(NamedTuple):
    """How far each value of the other task's features is let in, and how much of one's own stays; from 0 to 1."""

    let_in: Float[Tensor, "batch width h w"]  # r
    kept: Float[Tensor, "batch width h w"]  # z

    def borrowed(self) -> Float[Tensor, " batch"]:
        """The mean of (1 - z) r: 0 where a task goes its own way, 1 where it has only what the other one gives."""
        return ((1 - self.kept) * self.let_in).float().mean(dim=(1, 2, 3))


class GatedSharing(nn.Module):
    """x' = z x + (1 - z) tanh(U x + W (r y)), one direction at one level (Zhao et al. 2020, "ConFLU").

    With r = sigmoid(R [x, y]) and z = sigmoid(Z [x, y]); x are the task's own features, y the other one's. A unit that
    is not `selective` has its gates fixed: everything is let in, and half of one's own stays.
    """

    def __init__(self, width: int, selective: bool) -> None:
        super().__init__()
        # Differs from the paper: 1 x 1, a ninth of the cost of the authors' 3 x 3.
        self.own = nn.Conv2d(width, width, 1, bias=False)
        self.other = nn.Conv2d(width, width, 1, bias=False)
        self.gates = nn.Conv2d(2 * width, 2 * width, 1, bias=False) if selective else None

    def forward(
        self, own: Float[Tensor, "batch width h w"], other: Float[Tensor, "batch width h w"]
    ) -> tuple[Float[Tensor, "batch width h w"], Gates]:
        if self.gates is None:
            gates = Gates(torch.ones_like(own), torch.full_like(own, ALL_KEPT))
        else:
            gates = Gates(*self.gates(torch.cat([own, other], dim=1)).sigmoid().chunk(2, dim=1))
        both = torch.tanh(self.own(own) + self.other(gates.let_in * other))
        return gates.kept * own + (1 - gates.kept) * both, gates
