"""TDGAN: one person's expression on another's face (Xie, Hu, Chen, IEEE TCSVT 31(6), 2021).

Two encoders split a face into an identity code and an expression code; a decoder paints a face from any pair of
codes; a classifier reads the expression code. The two discriminators live in training/tdgan/discriminators.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.capabilities import FactorCodes
from fer_demo.code_editor import CodeEditor, CodeEditorConfig
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC

CODE_CHANNELS, CODE_SIDE = 128, 8  # both codes are 128 x 8 x 8 at every picture size
CODE_DIMS = CODE_CHANNELS * CODE_SIDE * CODE_SIDE
CONSTANT_NOISE = 0.5  # mean of the training noise U[0, 1); makes decoding deterministic


@dataclass(frozen=True)
class TDGANConfig(CodeEditorConfig):
    """Defaults are the paper's network at half its picture size."""

    size: int = 64  # 128 in the paper; 64 leaves out one pooling and one up-sampling
    noise_channels: int = 256
    residual_units: int = 6
    decoder_channels: tuple[int, ...] = (512, 256, 128)  # one per up-sampling; the paper's 128 px adds 64
    head_units: int = 1024
    # How many numbers the expression code is made of, so that it has no room for the person; 0: as in the paper, all.
    expression_rank: int = 0
    added_later: ClassVar[Mapping[str, Any]] = {**CodeEditorConfig.added_later, "expression_rank": 0}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size not in (64, 128):
            raise CheckpointError(f"TDGAN works at 64 or 128 pixels, not {self.size}.")
        if len(self.decoder_channels) != (self.size // CODE_SIDE).bit_length() - 1:
            raise CheckpointError(
                f"A {self.size} px TDGAN decoder doubles 8 px up to {self.size} px: one width per doubling."
            )
        if not 0 <= self.expression_rank <= CODE_DIMS:
            raise CheckpointError(f"The expression code of TDGAN has a rank from 0 to {CODE_DIMS:,}.")


class InceptionResidualBlock(nn.Module):
    """Three parallel convolution paths, joined and added to the input with weight 0.17."""

    def __init__(self, channels: int = 64, path: int = 16) -> None:
        super().__init__()
        self.path1 = normalized_conv(channels, path, 1)
        self.path2 = nn.Sequential(normalized_conv(channels, path, 1), normalized_conv(path, path, 3))
        self.path3 = nn.Sequential(
            normalized_conv(channels, path, 1), normalized_conv(path, path, 3), normalized_conv(path, path, 3)
        )
        self.join = nn.Conv2d(3 * path, channels, 1)

    def forward(self, features: Float[Tensor, "batch channels h w"]) -> Float[Tensor, "batch channels h w"]:
        paths = torch.cat([self.path1(features), self.path2(features), self.path3(features)], dim=1)
        return torch.relu(features + 0.17 * self.join(paths))


def normalized_conv(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    """Convolution without bias, instance norm with affine (eps 1e-3), ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, 1, kernel // 2, bias=False),
        nn.InstanceNorm2d(outputs, eps=1e-3, momentum=0.1, affine=True),
        nn.ReLU(),
    )


class LowRank(nn.Sequential):
    """A code brought down to `rank` numbers and back to its shape."""

    def __init__(self, rank: int) -> None:
        super().__init__(
            nn.Flatten(),
            nn.Linear(CODE_DIMS, rank),
            nn.Linear(rank, CODE_DIMS),
            nn.Unflatten(1, (CODE_CHANNELS, CODE_SIDE, CODE_SIDE)),
        )


class Encoder(nn.Sequential):
    """Face -> 128 x 8 x 8 code; the same architecture serves both encoders and both discriminator trunks."""

    def __init__(self, channels: int, size: int, rank: int = 0) -> None:
        def halve() -> nn.Module:
            return nn.MaxPool2d(3, 2, ceil_mode=True)

        super().__init__(
            normalized_conv(channels, 32, 5),
            halve(),
            normalized_conv(32, 64, 5),
            halve(),
            *(InceptionResidualBlock() for _ in range(4)),
            normalized_conv(64, 128, 5),
            halve(),
            normalized_conv(128, CODE_CHANNELS, 5),
            halve() if size == 128 else nn.Identity(),
            LowRank(rank) if rank else nn.Identity(),
        )


class ClassifierHead(nn.Sequential):
    """Two hidden layers with dropout 0.5 on a flattened code; heads M_ER, D_f and D_e of the paper.

    A code that is made of `rank` numbers is read through as many, which loses nothing.
    """

    def __init__(self, classes: int, units: int = 1024, rank: int = 0) -> None:
        super().__init__(
            nn.Flatten(),
            nn.Dropout(0.5),
            nn.Sequential(nn.Linear(CODE_DIMS, rank), nn.Linear(rank, units)) if rank else nn.Linear(CODE_DIMS, units),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(units, units),
            nn.ReLU(),
            nn.Linear(units, classes),
        )
        for layer in self:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=0.02)
                nn.init.zeros_(layer.bias)


class ResidualUnit(nn.Module):
    """x + ReLU(conv3x3(x)), without norm."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, 1, 1)

    def forward(self, features: Float[Tensor, "batch channels h w"]) -> Float[Tensor, "batch channels h w"]:
        return features + torch.relu(self.conv(features))


class Decoder(nn.Sequential):
    """Embedding of (expression code, identity code, noise) and up-sampling to a face in [0, 1]."""

    def __init__(self, config: TDGANConfig) -> None:
        width = CODE_CHANNELS
        layers: list[nn.Module] = [nn.Conv2d(2 * CODE_CHANNELS + config.noise_channels, width, 3, 1, 1), nn.ReLU()]
        layers += [ResidualUnit(width) for _ in range(config.residual_units)]
        for channels in config.decoder_channels:
            layers += [nn.ConvTranspose2d(width, channels, 4, 2, 1, bias=False), nn.InstanceNorm2d(channels), nn.ReLU()]
            width = channels
        layers += [nn.ConvTranspose2d(width, config.channels, 3, 1, 1, bias=False), nn.Sigmoid()]
        super().__init__(*layers)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, std=0.02)


class TDGAN(CodeEditor):
    """The generator and the expression classifier: E_f, E_e, D_g and M_ER of the paper."""

    config_class = TDGANConfig
    config: TDGANConfig
    expression_prototypes: Tensor

    def __init__(self, config: TDGANConfig) -> None:
        super().__init__(config)
        self.identity_encoder = Encoder(config.channels, config.size)
        self.expression_encoder = Encoder(config.channels, config.size, config.expression_rank)
        self.decoder = Decoder(config)
        self.expression_head = ClassifierHead(len(config.expressions), config.head_units, config.expression_rank)
        self.register_buffer("expression_prototypes", torch.zeros(len(BASIC), CODE_DIMS))

    @property
    def attribution_layer(self) -> nn.Module:
        return self.expression_encoder[9]  # the pooling before the last convolution; 8 x 8 at 64 px, 16 x 16 at 128 px

    def identity_code(self, faces: Float[Tensor, "batch c size size"]) -> Float[Tensor, "batch 128 8 8"]:
        """d_f of the paper; faces in [-1, 1]."""
        return self.identity_encoder(to_unit_range(faces))

    def expression_code(self, faces: Float[Tensor, "batch c size size"]) -> Float[Tensor, "batch 128 8 8"]:
        """d_e of the paper; faces in [-1, 1]."""
        return self.expression_encoder(to_unit_range(faces))

    def paint(
        self,
        identity: Float[Tensor, "batch 128 8 8"],
        expression: Float[Tensor, "batch 128 8 8"],
        noise: Float[Tensor, "batch noise 8 8"] | None = None,
    ) -> Float[Tensor, "batch c size size"]:
        """Face in [-1, 1] from two codes; without `noise` its mean is used, so that the result is reproducible."""
        if noise is None:
            shape = (len(identity), self.config.noise_channels, CODE_SIDE, CODE_SIDE)
            noise = torch.full(shape, CONSTANT_NOISE, dtype=identity.dtype, device=identity.device)
        return self.decoder(torch.cat([expression, identity, noise], dim=1)) * 2 - 1

    def encode(self, faces: Float[Tensor, "batch c size size"]) -> FactorCodes:
        return FactorCodes(self.identity_code(faces).flatten(1), self.expression_code(faces).flatten(1))

    def decode(self, codes: FactorCodes) -> Float[Tensor, "batch c size size"]:
        identity, expression = (
            code.reshape(-1, CODE_CHANNELS, CODE_SIDE, CODE_SIDE) for code in (codes.identity, codes.expression)
        )
        return self.paint(identity, expression)

    def prototypes(self) -> Float[Tensor, "7 dims"]:
        return self.expression_prototypes

    def expression_logits(self, faces: Float[Tensor, "batch c size size"]) -> Float[Tensor, "batch 7"]:
        return self.expression_head(self.expression_code(faces))


def to_unit_range(faces: Tensor) -> Tensor:
    """[-1, 1], the house's range, to [0, 1], the paper's."""
    return faces * 0.5 + 0.5
