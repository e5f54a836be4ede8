"""A recognizer whose trunk has told people apart first: the network of dlib's face descriptor, taught expressions."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.errors import CheckpointError
from fer_demo.layers.descriptor import descriptor_maps, descriptor_stages, place_of_maps
from fer_demo.layers.two_heads import TwoHeads
from fer_demo.published.model import FaceModelConfig, PublishedModel


@dataclass(frozen=True)
class FaceResNetConfig(FaceModelConfig):
    """Defaults: the shape of dlib's network up to its last stage, 4.4 M parameters."""

    size: int = 112
    widths: tuple[int, ...] = (32, 64, 128, 256)  # channels of the stages
    blocks: tuple[int, ...] = (3, 4, 3, 3)  # residual blocks of each stage
    dropout: float = 0.3  # before the heads

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.widths) != len(self.blocks) or min(self.blocks, default=0) < 1:
            raise CheckpointError("A face ResNet needs a number of blocks, at least 1, for each width.")


class FaceResNet(TwoHeads, PublishedModel):
    """Logits of the 7 basic expressions (FER2013 labels) and, beside them, of the 8 FER+ classes."""

    config_class = FaceResNetConfig
    config: FaceResNetConfig

    def __init__(self, config: FaceResNetConfig) -> None:
        super().__init__(config)
        self.stem = nn.Conv2d(config.channels, config.widths[0], 7, 2)
        self.stages = descriptor_stages(config.widths, config.blocks)
        self.add_heads(config.widths[-1], len(config.expressions), config.dropout)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.stages[self._explained]

    @property
    def attribution_box(self) -> tuple[float, float, float, float]:
        begin, end = place_of_maps(self.config.size, self._explained)
        return begin, begin, end, end

    @property
    def attribution_fades(self) -> bool:
        return True

    @property
    def _explained(self) -> int:
        """The last stage but one: the last has 3 x 3 cells, whose maps find less of what an answer rests on."""
        return max(len(self.stages) - 2, 0)

    def features(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]:
        """The vector both heads read; faces in [-1, 1]."""
        return descriptor_maps(self.stem, self.stages, faces)[-1].mean(dim=(2, 3))
