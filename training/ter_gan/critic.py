"""The critic of transferred faces: is this a photograph, what does it show (D_e), and whose face is it (D_i)."""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.expressions import BASIC
from training.losses.label_critic import CriticTrunk


class TransferJudged(NamedTuple):
    """What the critic says about faces."""

    scores: Float[Tensor, "batch rows columns"]  # of each patch: the higher, the more it looks like a photograph's
    expression: Float[Tensor, "batch 14"]  # logits: the basic expressions in photographs, then the same painted
    person: Float[Tensor, "batch persons"]  # logits


class TransferCritic(nn.Module):
    """One trunk with three answers; it teaches and is not published."""

    def __init__(self, channels: int, size: int, widths: tuple[int, ...], persons: int) -> None:
        super().__init__()
        side = size // 2 ** len(widths)
        self.trunk = CriticTrunk(channels, widths)
        self.scores = nn.Conv2d(widths[-1], 1, 3, 1, 1)
        self.expression = nn.Conv2d(widths[-1], 2 * len(BASIC), side)
        self.person = nn.Conv2d(widths[-1], persons, side)

    def forward(self, faces: Float[Tensor, "batch channels size size"]) -> TransferJudged:
        maps = self.trunk(faces)
        return TransferJudged(self.scores(maps)[:, 0], self.expression(maps).flatten(1), self.person(maps).flatten(1))
