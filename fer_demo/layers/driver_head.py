"""What a driver asks of another person: the expression they show, in the other's size.

A smile copied as it is fits nobody else: people differ more in size and manner than a photograph tells. So the driver's
code only chooses among the prototypes, which are how people do it, and adds a small remainder of its own.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

_SHARPNESS = 8.0  # of the choice before it learns


class DriverHead(nn.Module):
    """Prototypes in the shares that a driver shows, and a linear remainder."""

    def __init__(self, dims: int, expressions: int) -> None:
        super().__init__()
        self.choice = nn.Linear(dims, expressions)
        self.remainder = nn.Linear(dims, dims)

    def forward(
        self, drivers: Float[Tensor, "batch dims"], prototypes: Float[Tensor, "expressions dims"]
    ) -> Float[Tensor, "batch dims"]:
        """The codes that people are given whose drivers have these codes."""
        return self.choice(drivers).softmax(dim=1) @ prototypes + self.remainder(drivers)

    @torch.no_grad()
    def start_from(self, prototypes: Float[Tensor, "expressions dims"]) -> None:
        """The nearest prototype is chosen, and nothing remains."""
        self.choice.weight.copy_(_SHARPNESS * prototypes)
        self.choice.bias.copy_(-_SHARPNESS / 2 * prototypes.square().sum(dim=1))
        nn.init.zeros_(self.remainder.weight)
        nn.init.zeros_(self.remainder.bias)
