"""The identity embedder: 128 numbers that say who a face is, close together for pictures of one person.

The network is the face descriptor of dlib (King 2009; weights released in 2017), a ResNet of 29 convolutions taught so
that two pictures of one person lie within a distance of 0.6. It is ours only in that it is written in torch and can be
differentiated; `tools/build_identity_embedder.py` makes its weights from the published ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad

from fer_demo.errors import CheckpointError
from fer_demo.layers.descriptor import DescriptorBlock, descriptor_maps, descriptor_stages
from fer_demo.published.model import FaceModelConfig, PublishedModel

MEAN_RGB = (122.782, 117.001, 104.298)  # of the pictures it was taught on, in grey levels
DIMS = 128


@dataclass(frozen=True)
class IdentityEmbedderConfig(FaceModelConfig):
    """Where the network's square picture, the chip, lies on the face that is aligned to our template.

    dlib cuts it by five points of its own; the place was fitted on 197 photographs and 120 synthetic faces, where its
    chips have, in the same units, their middle at (83.5, 95) and a median side of 150.
    """

    size: int = 150
    channels: int = 3
    template: int = 165  # side of the template square in pixels of the chip
    chip_left: int = 8  # where the chip begins in that square; it ends a few pixels below the square
    chip_top: int = 20
    widths: tuple[int, ...] = (32, 64, 128, 256)  # channels of the stages
    blocks: tuple[int, ...] = (3, 4, 3, 3)  # residual blocks of each stage

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.channels != 3:
            raise CheckpointError("The identity embedder reads colour; grey faces are given to it three times over.")
        if not 0 <= self.below < self.template or not 0 <= self.chip_left <= self.template - self.size:
            raise CheckpointError("The identity embedder's chip does not lie on the template; take its own config.")
        if len(self.widths) != len(self.blocks) or min(self.blocks, default=0) < 1:
            raise CheckpointError("The identity embedder needs a number of blocks, at least 1, for each width.")

    @property
    def below(self) -> int:
        """Rows of the chip that lie below the template square."""
        return self.chip_top + self.size - self.template


class IdentityEmbedder(PublishedModel):
    """dlib's face descriptor in torch: 128 numbers a face, within about 0.6 for two pictures of one person.

    The affine layers that stand for its batch normalization are folded into the convolutions.
    """

    config_class = IdentityEmbedderConfig
    config: IdentityEmbedderConfig
    mean: Tensor

    def __init__(self, config: IdentityEmbedderConfig) -> None:
        super().__init__(config)
        width = config.widths[-1]
        self.stem = nn.Conv2d(config.channels, config.widths[0], 7, 2)
        self.stages = descriptor_stages(config.widths, config.blocks)
        self.last = DescriptorBlock(width, width, halves=True)
        self.project = nn.Linear(width, DIMS, bias=False)
        self.register_buffer("mean", torch.tensor(MEAN_RGB)[:, None, None], persistent=False)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.stages[-1]

    @property
    def attribution_box(self) -> tuple[float, float, float, float]:
        config = self.config
        left, top, side = (length / config.template for length in (config.chip_left, config.chip_top, config.size))
        return left, top, left + side, top + side

    def embed(self, chips: Float[Tensor, "batch 3 150 150"]) -> Float[Tensor, "batch 128"]:
        """The descriptors of chips in [-1, 1]; they are not of unit length, and their Euclidean distances count."""
        return self.project(self.last(self.feature_maps(chips)[-1]).mean(dim=(2, 3)))

    def embed_aligned(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch 128"]:
        """The descriptors of faces on our template, grey or colour, of any size, such as a model paints them."""
        return self.embed(self.chips(faces))

    def chips(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch 3 150 150"]:
        """The chips of faces on our template; the few rows below the template square are mirrored."""
        config = self.config
        side = (config.template, config.template)
        square = interpolate(faces, size=side, mode="bicubic", antialias=True, align_corners=False).clamp(-1, 1)
        longer = pad(square, (0, 0, 0, config.below), mode="reflect")
        chip = longer[:, :, config.chip_top :, config.chip_left : config.chip_left + config.size]
        return chip.expand(-1, config.channels, -1, -1)

    def feature_maps(self, chips: Float[Tensor, "batch 3 150 150"]) -> list[Float[Tensor, "batch channels h w"]]:
        """The maps after each stage, fine to coarse: sides 35, 17, 8 and 4."""
        return descriptor_maps(self.stem, self.stages, ((chips + 1) * 127.5 - self.mean) / 256)
