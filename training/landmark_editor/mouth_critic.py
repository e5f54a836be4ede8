"""A critic of painted mouths: it tells photographs from paint, place by place."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

_PLANES = 6  # of the input: the mouth, and the five that the painter is told
_GROUPS = 8  # of the norms; widths are multiples of it
_SLOPE = 0.2  # of the leaky rectifiers


class MouthCritic(nn.Sequential):
    """Four convolutions that look at a dozen pixels and answer for every four (PatchGAN, Isola et al. 2017)."""

    def __init__(self, widths: tuple[int, int, int]) -> None:
        fine, middle, last = widths
        super().__init__(
            nn.Conv2d(_PLANES, fine, 4, stride=2, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(fine, middle, 4, stride=2, padding=1),
            nn.GroupNorm(_GROUPS, middle),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(middle, last, 3, padding=1),
            nn.GroupNorm(_GROUPS, last),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(last, 1, 3, padding=1),
        )

    def judge(
        self, mouths: Float[Tensor, "batch 1 rows columns"], conditions: Float[Tensor, "batch 5 rows columns"]
    ) -> Float[Tensor, "batch 1 small_rows small_columns"]:
        """Above 0 for what it takes for a photograph of these lips in this face."""
        answers: Tensor = self(torch.cat([mouths, conditions], dim=1))
        return answers.float()
