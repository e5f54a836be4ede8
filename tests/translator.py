"""A tiny label translator: it knows expressions by their names alone and has no codes."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from fer_demo.catalog import CatalogEntry
from fer_demo.expressions import BASIC
from fer_demo.published.model import FaceModelConfig, PublishedModel


class TinyTranslator(PublishedModel):
    """Adds one learned pattern for each expression to every face."""

    def __init__(self, config: FaceModelConfig) -> None:
        super().__init__(config)
        self.look = nn.Conv2d(config.channels, config.channels, 3, padding=1)
        self.patterns = nn.Parameter(torch.randn(len(BASIC), config.channels, config.size, config.size))

    @property
    def attribution_layer(self) -> nn.Module:
        return self.look

    def edit_to_label(
        self,
        faces: Float[Tensor, "batch channels height width"],
        labels: Int[Tensor, " batch"],
        amounts: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch channels height width"]:
        edited = torch.tanh(self.look(faces) + self.patterns[labels])
        return torch.lerp(faces, edited, amounts.clamp(0, 1)[:, None, None, None])


ENTRY = CatalogEntry("tiny_translator", "Tiny translator", TinyTranslator, "transfer", "Adds patterns.")
