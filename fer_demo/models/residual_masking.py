"""Residual Masking Network: after every stage a small U-Net says where to look (Pham, Vu and Tran, ICPR 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

from fer_demo.errors import CheckpointError
from fer_demo.layers.two_heads import TwoHeads
from fer_demo.published.model import FaceModelConfig, PublishedModel


@dataclass(frozen=True)
class ResidualMaskingConfig(FaceModelConfig):
    """Defaults: the small version, 6.8 M parameters; the paper's has a ResNet-34 and 143 M."""

    size: int = 64  # a multiple of what the pools of stem, stages and masks divide it by
    widths: tuple[int, ...] = (32, 64, 128, 256)  # channels of the stages, each at half the side of the one before
    blocks: tuple[int, ...] = (2, 2, 2, 2)  # residual blocks per stage
    depths: tuple[int, ...] = (3, 2, 2, 1)  # how often each stage's mask halves the maps
    activation: str = "sigmoid"  # of the masks: sigmoid, or softmax over the channels as in the authors' code
    dropout: float = 0.4  # before the heads

    def __post_init__(self) -> None:
        super().__post_init__()
        if not len(self.widths) == len(self.blocks) == len(self.depths) or min(self.depths, default=0) < 1:
            raise CheckpointError(
                "Every stage needs a width, a number of blocks and a depth of its mask of at least 1."
            )
        divisor = max(2 ** (stage + 1 + depth) for stage, depth in enumerate(self.depths))
        if self.size % divisor:
            raise CheckpointError(f"The size must be a multiple of {divisor} for masks of these depths.")
        if self.activation not in ("sigmoid", "softmax"):
            raise CheckpointError(f"The masks' activation is sigmoid or softmax, not {self.activation!r}.")


class BasicBlock(nn.Module):
    """Conv-BN-ReLU-conv-BN plus a shortcut, then ReLU (He et al. 2016, "Deep Residual Learning", Fig. 2)."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        reshapes = stride != 1 or inputs != outputs
        self.shortcut = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            if reshapes
            else nn.Identity()
        )

    def forward(self, features: Float[Tensor, "batch inputs h w"]) -> Float[Tensor, "batch outputs h2 w2"]:
        return (self.shortcut(features) + self.branch(features)).relu()


class MaskingUnit(nn.Module):
    """A U-Net over a stage's features that gives a mask of their shape with values from 0 to 1."""

    def __init__(self, width: int, depth: int, activation: str) -> None:
        super().__init__()
        # Differs from the paper: the width stays the same and skips are added, not concatenated, to stay small.
        self.down = nn.ModuleList(BasicBlock(width, width) for _ in range(depth))
        self.up = nn.ModuleList(BasicBlock(width, width) for _ in range(depth))
        self.last = nn.Conv2d(width, width, 1)
        self.activation = activation

    def forward(self, features: Float[Tensor, "batch width h w"]) -> Float[Tensor, "batch width h w"]:
        skips, maps = [], features
        for block in self.down:
            skips.append(maps)
            maps = block(max_pool2d(maps, 2))
        for block in self.up:
            skip = skips.pop()
            maps = block(interpolate(maps, size=skip.shape[-2:]) + skip)
        logits = self.last(maps)
        # Differs from the paper: it says values from 0 to 1; the authors' softmax leaves about 1 / width each.
        return logits.sigmoid() if self.activation == "sigmoid" else logits.softmax(dim=1)


class Masked(NamedTuple):
    """The last stage's maps and every stage's mask."""

    maps: Float[Tensor, "batch width h w"]
    masks: list[Tensor]  # (B, width of the stage, side of the stage, side of the stage)


class ResidualMasking(TwoHeads, PublishedModel):
    """Logits of the 7 basic expressions and, beside them, of the 8 FER+ classes; and where each stage looked."""

    config_class = ResidualMaskingConfig
    config: ResidualMaskingConfig

    def __init__(self, config: ResidualMaskingConfig) -> None:
        super().__init__(config)
        previous = config.widths[0]
        # Differs from the paper: its 7 x 7 stem and first pool are for 224 pixels.
        self.stem = nn.Sequential(
            nn.Conv2d(config.channels, previous, 3, 2, 1, bias=False), nn.BatchNorm2d(previous), nn.ReLU()
        )
        self.stages, self.masking = nn.ModuleList(), nn.ModuleList()
        for stage, (width, blocks) in enumerate(zip(config.widths, config.blocks, strict=True)):
            strides = (1 if stage == 0 else 2, *(1 for _ in range(blocks - 1)))
            widths = (previous, *(width for _ in range(blocks - 1)))
            parts = (BasicBlock(inputs, width, stride) for inputs, stride in zip(widths, strides, strict=True))
            self.stages.append(nn.Sequential(*parts))
            self.masking.append(MaskingUnit(width, config.depths[stage], config.activation))
            previous = width
        self.last_maps = nn.Identity()
        self.add_heads(previous, len(config.expressions), config.dropout)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.last_maps

    def attention_masks(
        self, faces: Float[Tensor, "batch channels size size"]
    ) -> Float[Tensor, "batch stages size size"]:
        """Each stage's mask as a mean over its channels, from 0 to 1, brought to the size of the faces."""
        masks = [mask.mean(dim=1, keepdim=True) for mask in self._masked(faces).masks]
        side = faces.shape[-1]
        return torch.cat([interpolate(mask, size=(side, side), mode="bilinear") for mask in masks], dim=1)

    def features(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]:
        """The vector both heads read."""
        return self._masked(faces).maps.mean(dim=(2, 3))

    def _masked(self, faces: Tensor) -> Masked:
        maps, masks = self.stem(faces), []
        for stage, masking in zip(self.stages, self.masking, strict=True):
            maps = stage(maps)
            masks.append(masking(maps))
            maps = maps * (1 + masks[-1])
        return Masked(self.last_maps(maps), masks)
