"""A critic of painted mouths: it tells photographs from paint, place by place."""

from __future__ import annotations

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

_PLANES = 6  # of the input: the mouth, and the five that the painter is told
_SLOPE = 0.2  # of the leaky rectifiers


class MouthCritic(nn.Module):
    """Three strided convolutions of bounded slope (spectral normalization, Miyato et al. 2018), an answer per place."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, width in pairwise((_PLANES, *widths)):
            layers += [spectral_norm(nn.Conv2d(before, width, 4, stride=2, padding=1)), nn.LeakyReLU(_SLOPE)]
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(widths[-1], 1, 1)))

    def forward(
        self, mouths: Float[Tensor, "batch 1 rows columns"], conditions: Float[Tensor, "batch 5 rows columns"]
    ) -> Float[Tensor, "batch 1 small_rows small_columns"]:
        """Above 0 for what it takes for a photograph of these lips in this face."""
        answers: Tensor = self.layers(torch.cat([mouths, conditions], dim=1))
        return answers.float()
