"""EfficientNet-Lite0 with a head per label set: a recognizer whose trunk has seen ImageNet first."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.layers.two_heads import TwoHeads
from fer_demo.published.model import FaceModelConfig, PublishedModel

# Kernel, stride, expansion, channels and blocks of each stage (Tan and Le 2019, Table 1; Lite0 keeps B0's widths).
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
STEM, HEAD = 32, 1280  # channels of the first and of the last convolution


@dataclass(frozen=True)
class EfficientNetLiteConfig(FaceModelConfig):
    """The shape is EfficientNet-Lite0's, 3.4 M parameters."""

    size: int = 96
    dropout: float = 0.3  # before the heads


class InvertedResidual(nn.Module):
    """Widen, convolve each channel by itself, narrow (Sandler et al. 2018); the input is added where shapes agree."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        width = inputs * expansion
        widen = normalized_conv(inputs, width, 1) if expansion > 1 else nn.Sequential()
        depthwise = normalized_conv(width, width, kernel, stride, groups=width)
        self.branch = nn.Sequential(*widen, *depthwise, *list(normalized_conv(width, outputs, 1))[:2])
        self.adds = stride == 1 and inputs == outputs

    def forward(self, features: Float[Tensor, "batch inputs h w"]) -> Float[Tensor, "batch outputs h2 w2"]:
        narrowed = self.branch(features)
        return features + narrowed if self.adds else narrowed


def normalized_conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution without bias, batch norm (eps 1e-3), ReLU6: Lite has no squeeze-and-excitation and no swish."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01),
        nn.ReLU6(),
    )


class EfficientNetLite(TwoHeads, PublishedModel):
    """Logits of the 7 basic expressions (FER2013 labels) and, beside them, of the 8 FER+ classes."""

    config_class = EfficientNetLiteConfig
    config: EfficientNetLiteConfig

    def __init__(self, config: EfficientNetLiteConfig) -> None:
        super().__init__(config)
        self.stem = normalized_conv(config.channels, STEM, 3, 2)
        blocks, width = [], STEM
        for kernel, stride, expansion, outputs, count in STAGES:
            for index in range(count):
                blocks.append(InvertedResidual(width, outputs, kernel, 1 if index else stride, expansion))
                width = outputs
        self.blocks = nn.Sequential(*blocks)
        self.last = normalized_conv(width, HEAD, 1)
        self.add_heads(HEAD, len(config.expressions), config.dropout)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.last

    def features(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch width"]:
        """The vector both heads read; faces in [-1, 1], of another size than the config's too."""
        return self.last(self.blocks(self.stem(faces))).mean(dim=(2, 3))
