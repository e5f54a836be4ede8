"""Facial units in a mirror: left and right change places."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from fer_demo.synthetic.units import MIRRORED_UNITS


def units_in_mirror(units: Float[Tensor, "batch 52"], mirrored: Bool[Tensor, " batch"]) -> Float[Tensor, "batch 52"]:
    """The units as views show them; the same again brings the first ones back."""
    return torch.where(mirrored[:, None], units[:, torch.from_numpy(MIRRORED_UNITS).to(units.device)], units)
