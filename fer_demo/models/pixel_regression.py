"""Pixel regression: every pixel of the result is a line through the same pixel of the face (Akram, Khan, ICPR 2020).

Weights and biases are found in closed form from pairs of pictures (training/recipes/pixel_regression.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from fer_demo.expressions import BASIC
from fer_demo.published.model import FaceModelConfig, PublishedModel


@dataclass(frozen=True)
class PixelRegressionConfig(FaceModelConfig):
    """A weight and a bias for each pixel and expression: 2 x 7 x size x size values."""

    size: int = 128


class PixelLines(nn.Module):
    """y = weight * x + bias, a line of its own for each expression and pixel; untaught it leaves a face as it is."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(len(BASIC), size, size))
        self.bias = nn.Parameter(torch.zeros(len(BASIC), size, size))

    def forward(
        self, faces: Float[Tensor, "batch channels size size"], labels: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch channels size size"]:
        return self.weight[labels, None] * faces + self.bias[labels, None]


class PixelRegression(PublishedModel):
    """A line for each pixel and expression; it knows expressions by their names alone and has no codes."""

    config_class = PixelRegressionConfig
    config: PixelRegressionConfig

    def __init__(self, config: PixelRegressionConfig) -> None:
        super().__init__(config)
        self.lines = PixelLines(config.size)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.lines

    def pixel_lines(self, label: int) -> tuple[Float[Tensor, "size size"], Float[Tensor, "size size"]]:
        """Weight and bias of every pixel for an expression, an index into BASIC."""
        return self.lines.weight[label].detach(), self.lines.bias[label].detach()

    def edit_to_label(
        self,
        faces: Float[Tensor, "batch channels size size"],
        labels: Int[Tensor, " batch"],
        amounts: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch channels size size"]:
        """Faces in [-1, 1] between themselves (amount 0) and their regressed pictures (1), cut off at -1 and 1."""
        return torch.lerp(faces, self.lines(faces, labels), amounts[:, None, None, None]).clamp(-1, 1)
