"""Trustworthiness of a map: whether faces that it places side by side are alike (Venna and Kaski 2001)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from fer_demo.metrics.nearest import squared_distances


def trustworthiness(
    codes: Float[np.ndarray, "points dims"],
    by_code: Int[np.ndarray, "points neighbours"],
    on_map: Int[np.ndarray, "points neighbours"],
) -> Float[np.ndarray, " points"]:
    """Every point's part, whose mean is the map's: 1 if all neighbours on the map are neighbours by code.

    1 - 2 / (k (2n - 3k - 1)) * sum of max(0, r - k) over the k neighbours on the map, r being the rank of their code;
    between 0 and 1 on average, for fewer neighbours than half of the points.

    by_code, on_map: rows of each point's nearest neighbours, as `nearest_neighbours` finds them.
    """
    count, neighbours = on_map.shape
    if not 0 < neighbours < count / 2:
        raise ValueError(f"{count} points have no trustworthiness at {neighbours} neighbours.")
    costly = ~(on_map[:, :, None] == by_code[:, None, :]).any(axis=2)  # neighbours by code rank within k: they add 0
    parts = np.zeros(count)
    for block, squared in squared_distances(codes):
        for row, others in enumerate(squared, start=block.start):
            ranks = [np.count_nonzero(others < others[near]) + 1 for near in on_map[row, costly[row]]]
            parts[row] = sum(max(0, rank - neighbours) for rank in ranks)
    return (1 - 2 / (neighbours * (2 * count - 3 * neighbours - 1)) * parts).astype(np.float32)
