"""Facial units in a mirror: left and right change places."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from fer_demo.synthetic.units import UNIT_INDEX, UNITS


def _other_side(unit: str) -> str:
    if unit.endswith("Left"):
        return unit.removesuffix("Left") + "Right"
    return unit.removesuffix("Right") + "Left" if unit.endswith("Right") else unit


# Where each unit's weight goes in a mirror.
MIRRORED_UNITS = torch.tensor([UNIT_INDEX[_other_side(unit)] for unit in UNITS])


def units_in_mirror(units: Float[Tensor, "batch 52"], mirrored: Bool[Tensor, " batch"]) -> Float[Tensor, "batch 52"]:
    """The units as views show them; the same again brings the first ones back."""
    return torch.where(mirrored[:, None], units[:, MIRRORED_UNITS.to(units.device)], units)
