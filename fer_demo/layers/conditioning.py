"""Residual blocks whose features are scaled and shifted by a condition."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import silu

GROUPS = 8


class ConditionedBlock(nn.Module):
    """Convolution, group norm, scale and shift by the condition, convolution; added to the input (FiLM, Perez 2018)."""

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(GROUPS, channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, 1, 1)
        self.norm2 = nn.GroupNorm(GROUPS, channels)
        self.modulation = nn.Linear(condition, 2 * channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1)
        nn.init.normal_(self.modulation.weight, std=0.02)
        nn.init.zeros_(self.modulation.bias)

    def forward(
        self, features: Float[Tensor, "batch channels h w"], condition: Float[Tensor, "batch condition"]
    ) -> Float[Tensor, "batch channels h w"]:
        scale, shift = self.modulation(condition)[:, :, None, None].chunk(2, dim=1)
        hidden = self.norm2(self.conv1(silu(self.norm1(features))))
        return features + self.conv2(silu(hidden * (1 + scale) + shift))
