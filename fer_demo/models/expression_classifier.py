"""A compact residual network that recognizes expressions from a small grey face, with a head per label set."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.layers.residual import ResidualTrunk
from fer_demo.layers.trim import BackInPlace, check_margins, trimmed
from fer_demo.layers.two_heads import TwoHeads
from fer_demo.published.model import FaceModelConfig, PublishedModel


@dataclass(frozen=True)
class ExpressionClassifierConfig(FaceModelConfig):
    """Defaults: 2.8 M parameters, quick enough to be trained on one CPU core."""

    size: int = 56  # FER2013's own resolution on the template
    trim: tuple[float, ...] = (1 / 7, 1 / 7, 1 / 7, 0.0)  # hair and background cut off: left, top, right, bottom
    stem: int = 32  # channels of the first convolution, at full resolution
    widths: tuple[int, ...] = (64, 128, 256)  # channels of the stages, each at half the side of the one before
    blocks: tuple[int, ...] = (1, 2, 2)  # residual blocks per stage
    squeeze: int = 16  # reduction of the channels in squeeze-and-excitation; 0: none
    dropout: float = 0.3  # before the heads

    def __post_init__(self) -> None:
        super().__post_init__()
        check_margins(self.trim)


class ExpressionClassifier(ResidualTrunk, TwoHeads, PublishedModel):
    """Logits of the 7 basic expressions (FER2013 labels) and, beside them, of the 8 FER+ classes.

    The FER+ head (Barsoum et al. 2016: ten votes per picture) says what ten people would say, which is the app's main
    answer; the first head is for comparison with papers.
    """

    config_class = ExpressionClassifierConfig
    config: ExpressionClassifierConfig

    def __init__(self, config: ExpressionClassifierConfig) -> None:
        super().__init__(config)
        self.add_trunk(config.channels, config.stem, config.widths, config.blocks, config.squeeze)
        self.back_in_place = BackInPlace(config.trim)
        self.add_heads(config.widths[-1], len(config.expressions), config.dropout)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.back_in_place

    def features(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]:
        """The vector both heads read; faces of another size than the config's do too."""
        seen = self.maps(trimmed(faces, self.config.trim))
        return self.back_in_place(seen).sum(dim=(2, 3)) / (seen.shape[2] * seen.shape[3])
