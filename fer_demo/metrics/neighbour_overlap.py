"""Neighbour overlap of a map: how many of a face's nearest by code are its nearest on the map too."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int


def neighbour_overlap(
    by_code: Int[np.ndarray, "points neighbours"], on_map: Int[np.ndarray, "points neighbours"]
) -> Float[np.ndarray, " points"]:
    """Each point's share, 0 to 1, of its nearest that are the same; by chance it is neighbours / (points - 1)."""
    kept = (by_code[:, :, None] == on_map[:, None, :]).any(axis=2)
    return kept.mean(axis=1, dtype=np.float32)
