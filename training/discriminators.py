"""Discriminators, used in training only: the two of TDGAN, and one that looks at patches of edited faces."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.models.tdgan import ClassifierHead, Encoder, to_unit_range


class Discriminator(nn.Module):
    """D_f (people and, as the last class, "fake") or D_e (expressions); Xie et al. 2020, Fig. 2."""

    def __init__(self, channels: int, size: int, classes: int, head_units: int) -> None:
        super().__init__()
        self.trunk = Encoder(channels, size)
        self.head = ClassifierHead(classes, head_units)

    def features(self, faces: Float[Tensor, "batch c size size"]) -> Float[Tensor, "batch 128 8 8"]:
        """phi of the trunk, for the semantic content loss; faces in [-1, 1]."""
        return self.trunk(to_unit_range(faces))

    def forward(self, faces: Float[Tensor, "batch c size size"]) -> Float[Tensor, "batch classes"]:
        return self.head(self.features(faces))


class PatchDiscriminator(nn.Module):
    """How much each patch looks like a photograph's, up to a constant (PatchGAN; Isola et al. 2017).

    A patch is 54 pixels wide: enough for a mouth or an eye, too little to know which expressions photographs prefer.
    """

    def __init__(self, widths: tuple[int, ...] = (48, 96, 192)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        previous = 1
        for width in widths:
            layers += [nn.Conv2d(previous, width, 4, 2, 1), nn.LeakyReLU(0.2)]
            previous = width
        layers += [nn.Conv2d(previous, previous, 3, 1, 1), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(previous, 1, 3, 1, 1))

    def forward(self, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 1 cells cells"]:
        return self.layers(faces)
