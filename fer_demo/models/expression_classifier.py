"""A compact residual network that recognizes expressions from a small grey face, with a head per label set."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.layers.residual import PreActivationBlock
from fer_demo.published_model import FaceModelConfig, PublishedModel


@dataclass(frozen=True)
class ExpressionClassifierConfig(FaceModelConfig):
    """Defaults: 1.5 M parameters, quick enough to be trained on two CPU cores."""

    size: int = 48
    stem: int = 32  # channels of the first convolution, at full resolution
    widths: tuple[int, ...] = (64, 128, 256)  # channels of the stages, each at half the side of the one before
    blocks: tuple[int, ...] = (1, 2, 1)  # residual blocks per stage
    dropout: float = 0.3  # before the heads


class ExpressionClassifier(PublishedModel):
    """Logits of the 7 basic expressions (FER2013 labels) and, beside them, of the 8 FER+ classes.

    The FER+ head (Barsoum et al. 2016: ten votes per picture) is a second teacher of the shared trunk; the answer
    is that of the first head.
    """

    config_class = ExpressionClassifierConfig
    config: ExpressionClassifierConfig

    def __init__(self, config: ExpressionClassifierConfig) -> None:
        super().__init__(config)
        self.stem = nn.Conv2d(config.channels, config.stem, 3, 1, 1, bias=False)
        stages: list[nn.Module] = []
        previous = config.stem
        for width, blocks in zip(config.widths, config.blocks, strict=True):
            for block in range(blocks):
                stages.append(PreActivationBlock(previous, width, 2 if block == 0 else 1))
                previous = width
        self.trunk = nn.Sequential(*stages)
        self.final_norm = nn.BatchNorm2d(previous)
        self.dropout = nn.Dropout(config.dropout)
        self.basic_head = nn.Linear(previous, len(config.expressions))
        self.votes_head = nn.Linear(previous, len(WITH_CONTEMPT))

    @property
    def attribution_layer(self) -> nn.Module:
        return self.final_norm

    def features(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]:
        """The vector both heads read."""
        maps = nn.functional.relu(self.final_norm(self.trunk(self.stem(faces))))
        return maps.mean(dim=(2, 3))

    def expression_logits(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch 7"]:
        return self.basic_head(self.features(faces))

    def forward(
        self, faces: Float[Tensor, "batch channels size size"]
    ) -> tuple[Float[Tensor, "batch 7"], Float[Tensor, "batch 8"]]:
        """Logits of the basic head and of the FER+ head (order: expressions.WITH_CONTEMPT)."""
        features = self.dropout(self.features(faces))
        return self.basic_head(features), self.votes_head(features)
