"""A face and an expression's name in, the edited face out: the generator of StarGAN, and of US-GAN with its skip.

Choi et al., "StarGAN", CVPR 2018, and Akram and Khan, "US-GAN", 2023 (arXiv 2112.13002). They differ in `result`, in
`blocks`, and in how they are taught (training/translation). The critic lives in training/losses/label_critic.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.published.model import FaceModelConfig, PublishedModel

Result = Literal["added", "masked", "whole"]

_FAINT = 0.1  # scale of the last weights at first: an untaught network adds little to a face


@dataclass(frozen=True)
class LabelTranslatorConfig(FaceModelConfig):
    """Defaults: 0.65 M parameters, US-GAN's shape with one halving more and a quarter as wide."""

    size: int = 64  # a multiple of what the widths halve it to
    widths: tuple[int, ...] = (16, 32, 64, 128)  # channels at the size of the picture, and at each half of it
    blocks: int = 1  # residual blocks at the smallest size; US-GAN has 1, StarGAN 6
    result: str = "added"  # what is painted: a change to the face (US-GAN), a face that an edit mask lays over it
    # ("masked"; Pumarola et al., "GANimation", 2018), or the whole face ("whole", StarGAN)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.widths) < 2 or min(self.widths) < 1 or self.blocks < 1:
            raise CheckpointError("A label translator needs two widths or more, each above 0, and at least one block.")
        divisor = 2 ** (len(self.widths) - 1)
        if self.size % divisor:
            raise CheckpointError(f"The size must be a multiple of {divisor} for {len(self.widths)} widths.")
        if self.result not in get_args(Result):
            raise CheckpointError(f"The result of a label translator is one of: {', '.join(get_args(Result))}.")


class NamedNorm(nn.Module):
    """Instance norm, after which each channel is scaled and shifted as the expression's name wants it."""

    # Differs from the paper: there the name is seven constant maps beside the face, which the first instance norm
    # takes away again, but for what the border's zeros leave of them; few layers do not bring that to the mouth.
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(width, width, affine=False)  # a group for each channel
        self.scale = nn.Parameter(torch.ones(len(BASIC), width))
        self.shift = nn.Parameter(nn.init.normal_(torch.empty(len(BASIC), width), std=0.1))

    def forward(
        self, maps: Float[Tensor, "batch width h w"], labels: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch width h w"]:
        scale, shift = (values[labels, :, None, None].to(maps) for values in (self.scale, self.shift))
        return self.norm(maps) * scale + shift


class Step(nn.Module):
    """A convolution, its norm and ReLU."""

    def __init__(self, convolution: nn.Module, width: int) -> None:
        super().__init__()
        self.convolution = convolution
        self.norm = NamedNorm(width)

    def forward(self, maps: Tensor, labels: Int[Tensor, " batch"]) -> Tensor:
        return self.norm(self.convolution(maps), labels).relu()


class Block(nn.Module):
    """Two 3 x 3 convolutions with norms, added to what they see."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = Step(nn.Conv2d(width, width, 3, 1, 1, bias=False), width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm = NamedNorm(width)

    def forward(self, maps: Tensor, labels: Int[Tensor, " batch"]) -> Tensor:
        return maps + self.norm(self.second(self.first(maps, labels)), labels)


class LabelTranslator(PublishedModel):
    """Paints a face with the expression of a name; it has no codes, so no other face can drive it."""

    config_class = LabelTranslatorConfig
    config: LabelTranslatorConfig

    def __init__(self, config: LabelTranslatorConfig) -> None:
        super().__init__(config)
        widths = config.widths
        first = nn.Conv2d(config.channels, widths[0], 7, 1, 3, bias=False)
        downs = [(nn.Conv2d(wide, narrow, 4, 2, 1, bias=False), narrow) for wide, narrow in pairwise(widths)]
        ups = [(nn.ConvTranspose2d(narrow, wide, 4, 2, 1, bias=False), wide) for wide, narrow in pairwise(widths)]
        self.downs = nn.ModuleList(Step(*layer) for layer in [(first, widths[0]), *downs])
        self.blocks = nn.ModuleList(Block(widths[-1]) for _ in range(config.blocks))
        self.ups = nn.ModuleList(Step(*layer) for layer in reversed(ups))
        masks = 1 if config.result == "masked" else 0
        self.last = nn.Conv2d(widths[0], config.channels + masks, 7, 1, 3)
        if config.result == "added":
            self.last.weight.data.mul_(_FAINT)

    @property
    def attribution_layer(self) -> nn.Module:
        return self.blocks[-1]

    def forward(
        self, faces: Float[Tensor, "batch channels size size"], labels: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch channels size size"]:
        """The edited faces for faces in [-1, 1]: from -1 to 1, those that are added to from -2 to 2, for training."""
        maps = faces
        for layer in (*self.downs, *self.blocks, *self.ups):
            maps = layer(maps, labels)
        last = self.last(maps)
        painted = last[:, : self.config.channels].tanh()
        if self.config.result == "added":
            return faces + painted
        if self.config.result == "masked":
            mask = last[:, self.config.channels :].sigmoid()
            return torch.lerp(faces, painted.to(faces), mask.to(faces))
        return painted

    def edit_to_label(
        self,
        faces: Float[Tensor, "batch channels size size"],
        labels: Int[Tensor, " batch"],
        amounts: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch channels size size"]:
        """Faces in [-1, 1] between themselves (amount 0) and what is painted (1), cut off at -1 and 1."""
        return torch.lerp(faces, self(faces, labels), amounts[:, None, None, None]).clamp(-1, 1)
