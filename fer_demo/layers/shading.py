"""Shading: how the skin brightens and darkens with an expression, in folds and furrows that no warp can make.

A change of the expression code gives a map of brightness ratios on the mean face (expression ratio images; Liu, Shan
and Zhang 2001). It multiplies the photo, so that it is as strong on dark skin as on light.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.layers.warping import pixel_places

CELLS = 32  # of the map, along each side of the stable frame: finer ones were no nearer to the truth
_FLOOR = 0.16  # of brightness from 0 to 2: ratios of darker skin would be those of the noise
_MOST = 0.7  # of the natural logarithm: at most twice as bright or half as dark
# The face on the stable frame, from -1 to 1 across it: an ellipse with a soft edge.
_MIDDLE, _RADII, _SHARPNESS = (0.0, 0.15), (0.68, 0.85), 12.0


class Shading(nn.Module):
    """A linear map from a change of the expression code to the logarithm of the brightness ratio."""

    face: Tensor

    def __init__(self, dims: int) -> None:
        super().__init__()
        self.ratios = nn.Linear(dims, CELLS * CELLS, bias=False)
        nn.init.zeros_(self.ratios.weight)
        with torch.device("cpu"):  # on the meta device these few values bring in torch's compiler, which takes a second
            face = face_area()
        self.register_buffer("face", face.to(self.ratios.weight.device), persistent=False)

    def forward(self, change: Float[Tensor, "batch dims"]) -> Float[Tensor, "batch 1 32 32"]:
        """The logarithm of how many times as bright each place becomes, on the mean face; 0 beside the face."""
        ratios = self.ratios(change).unflatten(1, (1, CELLS, CELLS))
        return self.face * ratios.clamp(-_MOST, _MOST)


def face_area() -> Float[Tensor, "32 32"]:
    """1 on the face, 0 beside it."""
    away = (pixel_places(CELLS, CELLS) - torch.tensor(_MIDDLE)) / torch.tensor(_RADII)
    return torch.sigmoid(_SHARPNESS * (1 - away.norm(dim=2)))


def log_brightness(pictures: Float[Tensor, "batch channels height width"]) -> Tensor:
    """What shading adds to; pictures are in [-1, 1]."""
    return torch.log(pictures + 1 + _FLOOR)


def shaded(
    pictures: Float[Tensor, "batch channels height width"], shading: Float[Tensor, "batch 1 height width"]
) -> Float[Tensor, "batch channels height width"]:
    """Pictures that are this many times as bright, in logarithms; colours keep their hue."""
    return (pictures + 1 + _FLOOR) * shading.exp() - 1 - _FLOOR
