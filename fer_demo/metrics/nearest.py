"""The nearest neighbours of every point among the others, exactly: by a tree in few dimensions, else in blocks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import cKDTree

_BLOCK_VALUES = 2_000_000  # distances held at once; fresh memory for much larger blocks takes longer than the sums
_TREE_DIMS = 3  # in more dimensions a tree looks at nearly every point
_GROUPS_PER_NEIGHBOUR = 32  # so many that two of the nearest rarely meet in one


def nearest_neighbours(
    points: Float[np.ndarray, "points dims"], count: int
) -> tuple[Int[np.ndarray, "points count"], Float[np.ndarray, "points count"]]:
    """Rows of the `count` nearest other points and their Euclidean distances, nearest first.

    Equally near ones come in the order of their rows; blocks see it as equal if |a|^2 + |b|^2 - 2ab rounds equally.
    """
    return _by_tree(points, count) if points.shape[1] <= _TREE_DIMS else _by_blocks(points, count)


def squared_distances(points: Float[np.ndarray, "points dims"]) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of rows and their squared distances (rows, N) to all points; infinite to themselves."""
    exact = points.astype(np.float32 if points.shape[1] > 8 else np.float64)
    exact = exact - exact.mean(axis=0)  # keeps the differences of squares below accurate
    lengths = (exact**2).sum(axis=1)
    step = max(1, _BLOCK_VALUES // len(points))
    for start in range(0, len(points), step):
        block = slice(start, min(start + step, len(points)))
        squared = lengths[block, None] + lengths[None]
        squared -= (2 * exact[block]) @ exact.T  # |a - b|^2
        squared[np.arange(squared.shape[0]), np.arange(block.start, block.stop)] = np.inf
        yield block, np.maximum(squared, 0, out=squared)


def _by_blocks(points: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    rows, squares = [], []
    for _, squared in squared_distances(points):
        for row, limit in zip(squared, _limits(squared, count), strict=True):
            rows.append(_first(np.flatnonzero(row <= limit), row, count))
            squares.append(row[rows[-1]])
    return np.stack(rows), np.sqrt(np.stack(squares))


def _limits(squared: np.ndarray, count: int) -> np.ndarray:
    """For each row a distance that `count` points and few others come within: so many groups' smallest members do."""
    groups = min(squared.shape[1], _GROUPS_PER_NEIGHBOUR * count)
    members = squared.shape[1] // groups
    smallest = squared[:, : members * groups].reshape(len(squared), members, groups).min(axis=1)
    return np.partition(smallest, count - 1, axis=1)[:, count - 1]


def _by_tree(points: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    exact = points.astype(np.float64)
    # Each point itself, its neighbours and the next one, which shows whether others are as near as the last of them.
    distances, near = cKDTree(exact).query(exact, count + 2)
    tied = distances[:, count] == distances[:, count + 1]
    rows, apart = np.empty((len(exact), count), np.int64), np.empty((len(exact), count))
    for row, point in enumerate(exact):
        some = np.arange(len(exact)) if tied[row] else np.sort(near[row, : count + 1])
        some = some[some != row]
        squares = ((exact[some] - point) ** 2).sum(axis=1)
        kept = _first(np.arange(len(some)), squares, count)
        rows[row], apart[row] = some[kept], np.sqrt(squares[kept])
    return rows, apart


def _first(rows: np.ndarray, distances: np.ndarray, count: int) -> np.ndarray:
    """The nearest of some rows, in their order where they are equally near."""
    return rows[np.argsort(distances[rows], kind="stable")[:count]]
