"""The critic of faces painted with a named expression: is this a photograph, and what does it show."""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.expressions import BASIC


class Judged(NamedTuple):
    """What the critic says about faces."""

    scores: Float[Tensor, "batch rows columns"]  # of each patch: the higher, the more it looks like a photograph's
    expression: Float[Tensor, "batch classes"]  # logits


class CriticTrunk(nn.Sequential):
    """Halving convolutions with layer norms: what each patch of a face looks like.

    The penalty of a critic's gradient holds for each face alone, so that batch norm is out of place and layer norm is
    not (Gulrajani et al. 2017, Sec. 4); without any, a critic learns expressions far more slowly.
    """

    def __init__(self, channels: int, widths: tuple[int, ...]) -> None:
        layers: list[nn.Module] = []
        previous = channels
        for width in widths:
            norm = nn.GroupNorm(1, width) if layers else nn.Identity()
            layers += [nn.Conv2d(previous, width, 4, 2, 1), norm, nn.LeakyReLU(0.01)]
            previous = width
        super().__init__(*layers)


class LabelCritic(nn.Module):
    """Patches and an auxiliary classifier (Choi et al. 2018, "StarGAN", Table 5), with layer norms."""

    def __init__(self, channels: int, size: int, widths: tuple[int, ...], classes: int = len(BASIC)) -> None:
        super().__init__()
        self.trunk = CriticTrunk(channels, widths)
        self.scores = nn.Conv2d(widths[-1], 1, 3, 1, 1)
        self.expression = nn.Conv2d(widths[-1], classes, size // 2 ** len(widths))

    def forward(self, faces: Float[Tensor, "batch channels size size"]) -> Judged:
        maps = self.trunk(faces)
        return Judged(self.scores(maps)[:, 0], self.expression(maps).flatten(1))
