"""A second recognizer of another family, which judges generated faces and therefore teaches no other network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.layers.trim import BackInPlace, check_margins, trimmed
from fer_demo.layers.two_heads import TwoHeads
from fer_demo.published.model import FaceModelConfig, PublishedModel


@dataclass(frozen=True)
class ExpressionJudgeConfig(FaceModelConfig):
    """Defaults: 1.7 M parameters."""

    size: int = 48
    trim: tuple[float, ...] = (1 / 8, 1 / 8, 1 / 8, 0.0)  # hair and background cut off: left, top, right, bottom
    widths: tuple[int, ...] = (48, 128, 256)  # channels of the stages; the stem and each later one halve the side
    blocks: tuple[int, ...] = (2, 3, 3)  # blocks per stage
    expansion: int = 3  # of the channels between a block's two 1 x 1 convolutions
    dropout: float = 0.3  # before the heads

    def __post_init__(self) -> None:
        super().__post_init__()
        check_margins(self.trim)


class DepthwiseBlock(nn.Module):
    """Each channel filtered alone, then two 1 x 1 convolutions (after Liu et al. 2022, "A ConvNet for the 2020s")."""

    def __init__(self, width: int, expansion: int) -> None:
        super().__init__()
        # Differs from the paper: 3 x 3, batch norm and ReLU, not 7 x 7, layer norm and GELU, which a CPU is slow at.
        self.spatial = nn.Conv2d(width, width, 3, 1, 1, groups=width, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.widen = nn.Conv2d(width, expansion * width, 1)
        self.narrow = nn.Conv2d(expansion * width, width, 1)
        self.scale = nn.Parameter(torch.full((width, 1, 1), 0.1))

    def forward(self, maps: Float[Tensor, "batch width h w"]) -> Float[Tensor, "batch width h w"]:
        change = self.narrow(self.widen(self.norm(self.spatial(maps))).relu())
        return maps + self.scale * change


class ExpressionJudge(TwoHeads, PublishedModel):
    """Logits of the 7 basic expressions and, beside them, of the 8 FER+ classes."""

    config_class = ExpressionJudgeConfig
    config: ExpressionJudgeConfig

    def __init__(self, config: ExpressionJudgeConfig) -> None:
        super().__init__(config)
        parts: list[nn.Module] = []
        previous = config.channels
        for stage, (width, blocks) in enumerate(zip(config.widths, config.blocks, strict=True)):
            if stage > 0:
                parts.append(nn.BatchNorm2d(previous))
            parts.append(nn.Conv2d(previous, width, 4 if stage == 0 else 2, 2, 1 if stage == 0 else 0))
            parts += [DepthwiseBlock(width, config.expansion) for _ in range(blocks)]
            previous = width
        self.trunk = nn.Sequential(*parts)
        self.back_in_place = BackInPlace(config.trim)
        self.final_norm = nn.LayerNorm(previous)
        self.add_heads(previous, len(config.expressions), config.dropout)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.back_in_place

    def features(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]:
        """The vector both heads read; faces of another size than the config's do too."""
        seen = self.trunk(trimmed(faces, self.config.trim))
        return self.final_norm(self.back_in_place(seen).sum(dim=(2, 3)) / (seen.shape[2] * seen.shape[3]))
