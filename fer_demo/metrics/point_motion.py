"""How landmarks moved beside how they should have: error, size and direction."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

# Of the 68 iBUG landmarks.
REGIONS: Mapping[str, slice] = MappingProxyType(
    {"mouth": slice(48, 68), "brows": slice(17, 27), "eyes": slice(36, 48), "inner face": slice(17, 68)}
)


def keypoint_distance(
    one: Float[np.ndarray, "... points 2"], other: Float[np.ndarray, "... points 2"]
) -> Float[np.ndarray, "..."]:
    """Mean distance of corresponding points: AKD, the average keypoint distance (Siarohin et al. 2019)."""
    return np.linalg.norm(one - other, axis=-1).mean(axis=-1)


def motion_size(made: Float[np.ndarray, "... points 2"]) -> Float[np.ndarray, "..."]:
    """The length of a motion, over all its points."""
    return np.sqrt((made**2).sum(axis=(-2, -1)))


def motion_cosine(
    made: Float[np.ndarray, "... points 2"], true: Float[np.ndarray, "... points 2"]
) -> Float[np.ndarray, "..."]:
    """Whether a motion has the true one's direction: 1 = the same, 0 = unrelated or none, -1 = the opposite."""
    lengths = motion_size(made) * motion_size(true)
    return (made * true).sum(axis=(-2, -1)) / np.maximum(lengths, 1e-12)
