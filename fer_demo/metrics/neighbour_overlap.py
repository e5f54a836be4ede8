"""Neighbour overlap of a map: how many of a face's nearest by code are its nearest on the map too."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from fer_demo.metrics.nearest import nearest_neighbours


def neighbour_overlap(
    codes: Float[np.ndarray, "points dims"], places: Float[np.ndarray, "points places"], neighbours: int
) -> Float[np.ndarray, " points"]:
    """Each point's share, 0 to 1, of `neighbours` that it keeps; by chance it is neighbours / (points - 1)."""
    by_code, _ = nearest_neighbours(codes, neighbours)
    on_map, _ = nearest_neighbours(places, neighbours)
    kept = (by_code[:, :, None] == on_map[:, None, :]).any(axis=2)
    return kept.mean(axis=1, dtype=np.float32)
