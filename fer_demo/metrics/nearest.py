"""The nearest neighbours of every point among the others, exactly, in blocks that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int

_BLOCK_VALUES = 20_000_000  # distances held at once


def nearest_neighbours(
    points: Float[np.ndarray, "points dims"], count: int
) -> tuple[Int[np.ndarray, "points count"], Float[np.ndarray, "points count"]]:
    """Rows of the `count` nearest other points and their Euclidean distances, nearest first."""
    rows, distances = [], []
    for _, squared in squared_distances(points):
        near = np.argpartition(squared, count - 1, axis=1)[:, :count]
        near.sort(axis=1)  # equally near ones come in the order of their rows
        values = np.take_along_axis(squared, near, axis=1)
        order = np.argsort(values, axis=1, kind="stable")
        rows.append(np.take_along_axis(near, order, axis=1))
        distances.append(np.sqrt(np.take_along_axis(values, order, axis=1)))
    return np.concatenate(rows), np.concatenate(distances)


def squared_distances(points: Float[np.ndarray, "points dims"]) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of rows and their squared distances (rows, N) to all points; infinite to themselves."""
    exact = points.astype(np.float32 if points.shape[1] > 8 else np.float64)
    exact = exact - exact.mean(axis=0)  # keeps the differences of squares below accurate
    lengths = (exact**2).sum(axis=1)
    step = max(1, _BLOCK_VALUES // len(points))
    for start in range(0, len(points), step):
        block = slice(start, min(start + step, len(points)))
        squared = lengths[block, None] + lengths[None] - 2 * exact[block] @ exact.T  # |a - b|^2
        squared[np.arange(squared.shape[0]), np.arange(block.start, block.stop)] = np.inf
        yield block, np.maximum(squared, 0)
