"""The two discriminators of TDGAN: encoders with a classifier head, used in training only."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.models.tdgan import ClassifierHead, Encoder, to_unit_range


class Discriminator(nn.Module):
    """D_f (people and, as the last class, "fake") or D_e (expressions); Xie et al. 2020, Fig. 2."""

    def __init__(self, channels: int, size: int, classes: int, head_units: int, rank: int = 0) -> None:
        super().__init__()
        self.trunk = Encoder(channels, size, rank)
        self.head = ClassifierHead(classes, head_units)

    def features(self, faces: Float[Tensor, "batch c size size"]) -> Float[Tensor, "batch 128 8 8"]:
        """phi of the trunk, for the semantic content loss; faces in [-1, 1]."""
        return self.trunk(to_unit_range(faces))

    def forward(self, faces: Float[Tensor, "batch c size size"]) -> Float[Tensor, "batch classes"]:
        return self.head(self.features(faces))
