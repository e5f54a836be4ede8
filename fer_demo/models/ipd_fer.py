"""IPD-FER: a face is a person, a pose and an expression; without the last it is that person at rest.

Jiang and Deng, "Disentangling Identity and Pose for Facial Expression Recognition", IEEE Transactions on Affective
Computing, 2022 (arXiv 2208.08106). Three encoders and a decoder; the critic lives in training/losses/label_critic.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.capabilities import FactorCodes
from fer_demo.code_editor import CodeEditor, CodeEditorConfig
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC

_GROUPS = 8  # of channels, that are normed together
_START = 4  # side of the decoder's first maps


@dataclass(frozen=True)
class IPDFERConfig(CodeEditorConfig):
    """Defaults: 6.7 M parameters."""

    size: int = 64  # the decoder's first maps of 4 x 4, doubled by each width after the first
    widths: tuple[int, ...] = (32, 64, 128, 192)  # channels of each level of an encoder, each at half the side
    identity_dims: int = 256
    pose_dims: int = 16  # few, or the pose's code could carry the expression
    expression_dims: int = 64
    decoder_widths: tuple[int, ...] = (192, 128, 64, 32, 16)  # channels at 4 x 4 and after each doubling

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(width < _GROUPS or width % _GROUPS for width in (*self.widths, *self.decoder_widths)):
            raise CheckpointError(f"The widths of IPD-FER are multiples of {_GROUPS}.")
        if not self.widths or self.size != _START * 2 ** (len(self.decoder_widths) - 1):
            raise CheckpointError(
                f"A decoder of IPD-FER has a width at {_START} px and one for each doubling up to {self.size} px."
            )
        if self.size % 2 ** len(self.widths):
            raise CheckpointError(f"Each width of IPD-FER halves the side; {self.size} px cannot be halved so often.")
        if min(self.identity_dims, self.pose_dims, self.expression_dims) < 1:
            raise CheckpointError("Each code of IPD-FER has at least one number.")


class Block(nn.Module):
    """Two 3 x 3 convolutions with group norms, added to what they see."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.GroupNorm(_GROUPS, width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.GroupNorm(_GROUPS, width),
        )

    def forward(self, maps: Float[Tensor, "batch width h w"]) -> Float[Tensor, "batch width h w"]:
        return (maps + self.layers(maps)).relu()


class Encoder(nn.Module):
    """Face -> one vector: levels of a halving convolution and a block, and a linear layer on the last maps.

    Group norms treat each face alone, so that painted faces in a batch change nothing for photographs.
    """

    def __init__(self, channels: int, widths: tuple[int, ...], side: int, dims: int) -> None:
        super().__init__()
        self.levels = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(inputs, width, 3, 2, 1, bias=False), nn.GroupNorm(_GROUPS, width), nn.ReLU(), Block(width)
            )
            for inputs, width in pairwise((channels, *widths))
        )
        self.code = nn.Linear(widths[-1] * (side // 2 ** len(widths)) ** 2, dims)

    def maps(self, faces: Float[Tensor, "batch channels size size"]) -> list[Float[Tensor, "batch _ _ _"]]:
        """What each level sees, fine to coarse."""
        found = []
        for level in self.levels:
            faces = level(faces)
            found.append(faces)
        return found

    def forward(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch dims"]:
        return self.code(self.maps(faces)[-1].flatten(1))


class PersonEncoder(Encoder):
    """An encoder whose numbers are centred and of one size: people are told apart by angles, which need a centre.

    Once it is taught its mean is fixed: it must be in evaluation mode wherever else is learnt.
    """

    def __init__(self, channels: int, widths: tuple[int, ...], side: int, dims: int) -> None:
        super().__init__(channels, widths, side, dims)
        self.centre = nn.BatchNorm1d(dims, affine=False)

    def forward(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch dims"]:
        return self.centre(super().forward(faces))


class Decoder(nn.Sequential):
    """Person, pose and expression, one after the other in one vector -> face in [-1, 1]."""

    def __init__(self, config: IPDFERConfig) -> None:
        dims = config.identity_dims + config.pose_dims + config.expression_dims
        first = config.decoder_widths[0]
        layers: list[nn.Module] = [nn.Linear(dims, first * _START**2), nn.Unflatten(1, (first, _START, _START))]
        for inputs, outputs in pairwise(config.decoder_widths):
            layers += [nn.Upsample(scale_factor=2.0), nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False)]
            layers += [nn.GroupNorm(_GROUPS, outputs), nn.ReLU(), nn.Conv2d(outputs, outputs, 3, 1, 1), nn.ReLU()]
        super().__init__(*layers, nn.Conv2d(config.decoder_widths[-1], config.channels, 3, 1, 1), nn.Tanh())


class IPDFER(CodeEditor):
    """Recognizes the expression, paints it on other people, and paints people at rest."""

    config_class = IPDFERConfig
    config: IPDFERConfig
    expression_prototypes: Tensor

    def __init__(self, config: IPDFERConfig) -> None:
        super().__init__(config)
        shape = config.channels, config.widths, config.size
        self.identity_encoder = PersonEncoder(*shape, config.identity_dims)
        self.pose_encoder = Encoder(*shape, config.pose_dims)
        self.expression_encoder = Encoder(*shape, config.expression_dims)
        self.decoder = Decoder(config)
        self.pose_head = nn.Linear(config.pose_dims, 2)
        self.expression_head = nn.Linear(config.expression_dims, len(config.expressions))
        self.register_buffer("expression_prototypes", torch.zeros(len(BASIC), config.expression_dims))

    @property
    def attribution_layer(self) -> nn.Module:
        return self.expression_encoder.levels[-1]

    def encode(self, faces: Float[Tensor, "batch channels size size"]) -> FactorCodes:
        """Person and pose as one code, since both stay, and the expression; faces in [-1, 1]."""
        return FactorCodes(self.person_and_pose(faces), self.expression_encoder(faces))

    def person_and_pose(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch dims"]:
        return torch.cat([self.identity_encoder(faces), self.pose_encoder(faces)], dim=1)

    def decode(self, codes: FactorCodes) -> Float[Tensor, "batch channels size size"]:
        return self.decoder(torch.cat([codes.identity, codes.expression], dim=1))

    def at_rest(self, codes: FactorCodes) -> Float[Tensor, "batch channels size size"]:
        """The same people in the same pose without an expression."""
        return self.decode(codes._replace(expression=self.code_at_rest(codes.expression)))

    def code_at_rest(self, expression: Float[Tensor, "batch dims"]) -> Float[Tensor, "batch dims"]:
        """Zeros: who is at rest has no expression."""
        return torch.zeros_like(expression)

    def neutral_faces(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch c size size"]:
        return self.at_rest(self.encode(faces))

    def prototypes(self) -> Float[Tensor, "7 dims"]:
        return self.expression_prototypes

    def expression_logits(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch 7"]:
        return self.expression_head(self.expression_encoder(faces))

    def pose(self, faces: Float[Tensor, "batch channels size size"]) -> Float[Tensor, "batch 2"]:
        """Yaw and pitch in units of 45 degrees; yaw above 0 turns to the picture's right."""
        return self.pose_head(self.pose_encoder(faces))
