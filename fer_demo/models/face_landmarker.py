"""The face landmarker: where 68 points of a face lie, in iBUG order; it measures edits and teaches none.

The network is `face_landmark_68` of face-api.js (Mühler 2018), depthwise separable convolutions with dense shortcuts;
`tools/build_face_landmarker.py` makes its weights from the published ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pad

from fer_demo.errors import CheckpointError
from fer_demo.published.model import FaceModelConfig, PublishedModel

MEAN_RGB = (122.782, 117.001, 104.298)  # of the pictures it was taught on, in grey levels
POINTS = 68
_POOLED = 7  # cells of the coarsest maps, averaged


@dataclass(frozen=True)
class FaceLandmarkerConfig(FaceModelConfig):
    """Where the network's square picture, the chip, lies on the face that is aligned to our template.

    Found as the place at which its points agree best with those of dlib's shape predictor on photographs.
    """

    size: int = 112
    channels: int = 3
    template: int = 124  # side of the template square in pixels of the chip
    chip_left: int = 6  # where the chip begins in that square; it ends a few pixels below the square
    chip_top: int = 25
    widths: tuple[int, ...] = (32, 64, 128, 256)  # channels of the blocks

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.channels != 3:
            raise CheckpointError("The face landmarker reads colour; grey faces are given to it three times over.")
        if not self.widths or self.size != _POOLED * 2 ** len(self.widths):
            raise CheckpointError(f"A face landmarker of {len(self.widths)} blocks sees {_POOLED} x 2^blocks pixels.")


class Separable(nn.Module):
    """A convolution of each channel by itself, then one across channels."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.each = nn.Conv2d(inputs, inputs, 3, stride, groups=inputs, bias=False)
        self.across = nn.Conv2d(inputs, outputs, 1)

    def forward(self, maps: Float[Tensor, "batch inputs h w"]) -> Float[Tensor, "batch outputs h2 w2"]:
        return self.across(self.each(_bordered(maps, self.stride)))


class DenseBlock(nn.Module):
    """Halves the picture, and adds three more convolutions, each of which sees the sum of all before it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        # Pictures come in whole; later maps are convolved channel by channel.
        self.halve = nn.Conv2d(inputs, outputs, 3, 2) if inputs == 3 else Separable(inputs, outputs, 2)
        self.more = nn.ModuleList([Separable(outputs, outputs, 1) for _ in range(3)])

    def forward(self, maps: Float[Tensor, "batch inputs h w"]) -> Float[Tensor, "batch outputs h2 w2"]:
        maps = _bordered(maps, 2) if isinstance(self.halve, nn.Conv2d) else maps
        total = torch.relu(self.halve(maps))
        seen = total
        for convolution in self.more:
            total = total + convolution(seen)
            seen = torch.relu(total)
        return seen


class FaceLandmarker(PublishedModel):
    """68 landmarks of a face, by the network of face-api.js."""

    config_class = FaceLandmarkerConfig
    config: FaceLandmarkerConfig
    mean: Tensor

    def __init__(self, config: FaceLandmarkerConfig) -> None:
        super().__init__(config)
        widths = (config.channels, *config.widths)
        self.blocks = nn.ModuleList([DenseBlock(a, b) for a, b in zip(widths, config.widths, strict=False)])
        self.places = nn.Linear(config.widths[-1], 2 * POINTS)
        self.register_buffer("mean", torch.tensor(MEAN_RGB)[:, None, None], persistent=False)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.blocks[-1]

    def landmarks(self, chips: Float[Tensor, "batch 3 112 112"]) -> Float[Tensor, "batch 68 2"]:
        """Places (x, y) on chips in [-1, 1], in fractions of their side; a face that leaves the chip may exceed it."""
        maps = ((chips + 1) * 127.5 - self.mean) / 255
        for block in self.blocks:
            maps = block(maps)
        return self.places(avg_pool2d(maps, _POOLED).flatten(1)).unflatten(1, (POINTS, 2))


def _bordered(maps: Tensor, stride: int) -> Tensor:
    """Zeros around maps of even sides, as TensorFlow puts them: a halving convolution gets them right and below."""
    return pad(maps, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
