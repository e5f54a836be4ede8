"""A network that looks only at one planted patch, so that the truth about its answers is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from fer_demo.published.model import FaceModelConfig, PublishedModel

SIDE, CHANNELS = 56, 12
PATCH = (slice(8, 20), slice(36, 48))  # rows and columns: neither in the middle nor where the edges are


class PlantedPatch(PublishedModel):
    """The logit of “happy” is how much texture the patch has; the other logits are 0.

    Every feature comes twice, and outside of the patch its two copies cancel: exactly nothing there counts. Guided
    backpropagation, which drops the copies that count against the answer, cannot see that.
    """

    def __init__(self) -> None:
        super().__init__(FaceModelConfig(size=SIDE))
        generator = torch.Generator().manual_seed(0)
        self.filters = nn.Conv2d(1, CHANNELS, 3, padding=1, bias=False)
        self.copies = nn.Conv2d(CHANNELS, 2 * CHANNELS, 1, bias=False)
        self.maps = nn.Identity()
        self.head = nn.Linear(2 * CHANNELS * SIDE * SIDE, 1, bias=False)
        kernels = torch.randn(CHANNELS, 1, 3, 3, generator=generator)
        counts = torch.ones(2, CHANNELS, SIDE, SIDE)
        counts[1] = -1
        counts[1, :, *PATCH] = 1
        with torch.no_grad():
            self.filters.weight.copy_(kernels - kernels.mean(dim=(2, 3), keepdim=True))
            self.copies.weight.copy_(torch.eye(CHANNELS).repeat(2, 1)[..., None, None])
            self.head.weight.copy_(counts.flatten()[None] / 1000)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.maps

    def expression_logits(self, faces: Tensor) -> Tensor:
        maps = self.maps(self.copies(self.filters(faces).relu()).relu())
        happy = self.head(maps.flatten(1)) - 1
        return nn.functional.pad(happy, (3, 3))  # the fourth of expressions.BASIC


@pytest.fixture(scope="session")
def planted() -> PublishedModel:
    return PlantedPatch().eval()


@pytest.fixture(scope="session")
def textured_face() -> Tensor:
    """(1, 1, SIDE, SIDE): soft grain everywhere, and a bright bar whose edges are the strongest of the picture."""
    generator = torch.Generator().manual_seed(1)
    face = 0.25 * torch.randn(1, 1, SIDE, SIDE, generator=generator)
    face[..., 30:50, 4:20] += 0.6
    return face.clamp(-1, 1)
