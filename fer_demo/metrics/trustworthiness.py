"""Trustworthiness of a map: whether faces that it places side by side are alike (Venna and Kaski 2001)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from fer_demo.metrics.nearest import nearest_neighbours, squared_distances


def trustworthiness(
    codes: Float[np.ndarray, "points dims"], places: Float[np.ndarray, "points 2"], neighbours: int
) -> Float[np.ndarray, " points"]:
    """Every point's part, whose mean is the map's: 1 if all neighbours on the map are neighbours by code.

    1 - 2 / (k (2n - 3k - 1)) * sum of max(0, r - k) over the k neighbours on the map, r being the rank of their code;
    between 0 and 1 on average, for fewer neighbours than half of the points.
    """
    count = len(codes)
    if not 0 < neighbours < count / 2:
        raise ValueError(f"{count} points have no trustworthiness at {neighbours} neighbours.")
    near, _ = nearest_neighbours(places, neighbours)
    parts = np.zeros(count)
    for block, squared in squared_distances(codes):
        to_near = np.take_along_axis(squared, near[block], axis=1)
        for neighbour in to_near.T:
            ranks = (squared < neighbour[:, None]).sum(axis=1) + 1
            parts[block] += np.maximum(ranks - neighbours, 0)
    return (1 - 2 / (neighbours * (2 * count - 3 * neighbours - 1)) * parts).astype(np.float32)
