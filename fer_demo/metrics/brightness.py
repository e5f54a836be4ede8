"""Brightness drift: whether an edit made the face lighter or darker."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def brightness_drift(
    results: Float[Tensor, "batch channels height width"], sources: Float[Tensor, "batch channels height width"]
) -> Float[Tensor, " batch"]:
    """Absolute change of the mean brightness, in grey levels of 255."""
    return (results.mean(dim=(1, 2, 3)) - sources.mean(dim=(1, 2, 3))).abs() * 127.5
