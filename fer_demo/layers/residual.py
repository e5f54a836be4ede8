"""Residual blocks, and the trunk made of them, that more than one network uses."""

from __future__ import annotations

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.layers.squeeze import SqueezeExcitation


class PreActivationBlock(nn.Module):
    """BN-ReLU-conv twice plus a shortcut (He et al. 2016, "Identity Mappings in Deep Residual Networks", Fig. 4e).

    `reduction` of the channels inside squeeze-and-excitation at the end of the branch; 0 leaves it out.
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1, reduction: int = 0) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.relu = nn.ReLU()
        self.excitation = SqueezeExcitation(outputs, reduction) if reduction else nn.Identity()
        reshapes = stride != 1 or inputs != outputs
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if reshapes else None

    def forward(self, features: Float[Tensor, "batch inputs h w"]) -> Float[Tensor, "batch outputs h2 w2"]:
        activated = self.relu(self.norm1(features))
        shortcut = features if self.shortcut is None else self.shortcut(activated)
        return shortcut + self.excitation(self.conv2(self.relu(self.norm2(self.conv1(activated)))))


class ResidualTrunk:
    """Stages of residual blocks, each at half the side of the one before; the network keeps the three layers."""

    stem: nn.Conv2d
    trunk: nn.Sequential
    final_norm: nn.BatchNorm2d

    def add_trunk(self, channels: int, stem: int, widths: Sequence[int], blocks: Sequence[int], squeeze: int) -> None:
        """Make the layers; `blocks` per stage, `squeeze` as in PreActivationBlock."""
        self.stem = nn.Conv2d(channels, stem, 3, 1, 1, bias=False)
        stages: list[nn.Module] = []
        previous = stem
        for width, count in zip(widths, blocks, strict=True):
            for block in range(count):
                stages.append(PreActivationBlock(previous, width, 2 if block == 0 else 1, squeeze))
                previous = width
        self.trunk = nn.Sequential(*stages)
        self.final_norm = nn.BatchNorm2d(previous)

    def maps(self, faces: Float[Tensor, "batch channels h w"]) -> Float[Tensor, "batch width h2 w2"]:
        """What the last stage sees where."""
        return self.final_norm(self.trunk(self.stem(faces))).relu()
