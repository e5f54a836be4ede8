"""Discriminators of TDGAN, encoders with a classifier head, and an adversary of its codes, for training only."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.models.tdgan import CODE_CHANNELS, ClassifierHead, Encoder, to_unit_range

_PLACES = 4  # along each side of a code that an adversary looks at
_HIDDEN = 128


class Discriminator(nn.Module):
    """D_f (people and, as the last class, "fake") or D_e (expressions); Xie et al. 2021, Fig. 2."""

    def __init__(self, channels: int, size: int, classes: int, head_units: int, rank: int = 0) -> None:
        super().__init__()
        self.trunk = Encoder(channels, size, rank)
        self.head = ClassifierHead(classes, head_units, rank)

    def features(self, faces: Float[Tensor, "batch c size size"]) -> Float[Tensor, "batch 128 8 8"]:
        """phi of the trunk, for the semantic content loss; faces in [-1, 1]."""
        return self.trunk(to_unit_range(faces))

    def forward(self, faces: Float[Tensor, "batch c size size"]) -> Float[Tensor, "batch classes"]:
        return self.head(self.features(faces))


class CodeAdversary(nn.Sequential):
    """Reads classes from a code that should not tell them."""

    def __init__(self, classes: int) -> None:
        super().__init__(
            nn.AdaptiveAvgPool2d(_PLACES),
            nn.Flatten(),
            nn.Linear(CODE_CHANNELS * _PLACES**2, _HIDDEN),
            nn.ReLU(),
            nn.Linear(_HIDDEN, classes),
        )
