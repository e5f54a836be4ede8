"""What a face shows, read from its picture: where 68 landmarks lie, and 52 facial units."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate

from fer_demo.layers.residual import PreActivationBlock

POINTS = 68
SEEN_SIZE = 96  # pixels
_FLAT = 0.1  # the least contrast a picture is held to have


class FaceReader(nn.Module):
    """A small residual network with two linear heads; where something is seen matters, so nothing is averaged."""

    mean_face: Tensor

    def __init__(self, stem: int, widths: tuple[int, ...], units: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, stem, 5, 2, 2, bias=False)
        previous, blocks = stem, []
        for width in widths:
            blocks.append(PreActivationBlock(previous, width, 2))
            previous = width
        self.trunk = nn.Sequential(*blocks)
        self.final_norm = nn.BatchNorm2d(previous)
        cells = SEEN_SIZE // 2 ** (len(widths) + 1)
        self.places = nn.Linear(previous * cells**2, 2 * POINTS)
        self.units = nn.Linear(previous * cells**2, units)
        self.register_buffer("mean_face", torch.zeros(POINTS, 2))

    def forward(
        self, faces: Float[Tensor, "batch 1 height width"]
    ) -> tuple[Float[Tensor, "batch 68 2"], Float[Tensor, "batch units"]]:
        """Landmarks (x, y) from -1 to 1 across the picture, and the logits of the units."""
        seen = interpolate(faces, (SEEN_SIZE, SEEN_SIZE), mode="bilinear", antialias=True)
        mean = seen.mean(dim=(2, 3), keepdim=True)
        seen = (seen - mean) / (2 * seen.std(dim=(2, 3), keepdim=True).clamp_min(_FLAT / 2))
        features = self.final_norm(self.trunk(self.stem(seen))).relu().flatten(1)
        moved = self.places(features).float().unflatten(1, (POINTS, 2))
        return self.mean_face + 0.1 * moved, self.units(features).float()
