"""The same person across splits: faces grouped by identity descriptor, without knowing who anybody is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from fer_demo.inference.identity import EMBEDDER_FOLDER

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Groups of faces are one person if their mean cosine distance is below this in a set of 400 faces. The more faces
# there are, the more strangers look alike by chance, so each tenfold asks for so much less.
CLOSENESS = 0.52
_STRICTER, _USUAL_FACES = 0.12, 400
_LEAST, _MOST = 0.2, 0.6  # whatever the set's size
LIKENESS_FILE = "likeness.npy"  # beside the embedder: axes along which one person's photographs vary evenly
_LINKED_AT_ONCE = 5000  # faces; the table of their distances takes 100 MB
_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class People:
    """Who is who by appearance: a group number for each face."""

    groups: np.ndarray  # (N,) int64; a face that is near no other has a group of its own, a face not seen has -1

    def leaking(self, splits: Sequence[str | None]) -> np.ndarray:
        """(N,) bool: faces of people who are also in another split."""
        split_numbers = {split: number for number, split in enumerate(dict.fromkeys(splits))}
        numbers = np.array([split_numbers[split] for split in splits], np.int64)
        leaks = np.zeros(len(self.groups), bool)
        order = np.argsort(self.groups, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(self.groups[order])) + 1):
            leaks[rows] = len(rows) > 1 and self.groups[rows[0]] >= 0 and len(np.unique(numbers[rows])) > 1
        return leaks


def find_people(descriptors: np.ndarray, usable: np.ndarray, closeness: float = CLOSENESS) -> People:
    """Groups of faces (N, D) by average linkage (Sokal and Michener 1958): one false link does not make two people one.

    What varies among photographs of one person counts little (within-class covariance normalization, Hatch et al.
    2006), and so does what all faces of the set have in common.
    """
    rows = np.flatnonzero(usable)
    groups = np.full(len(descriptors), -1, np.int64)
    if len(rows):
        known = _comparable(descriptors[rows])
        groups[rows] = _linked(known, _limit(len(rows), closeness))
    return People(groups)


def _limit(faces: int, closeness: float) -> float:
    """The cosine distance at which groups of a set of so many faces are joined."""
    return float(np.clip(closeness - _STRICTER * np.log10(faces / _USUAL_FACES), _LEAST, max(_MOST, closeness)))


def _comparable(descriptors: np.ndarray) -> np.ndarray:
    """Descriptors (N, D) as unit vectors (N, D) whose cosine tells persons apart."""
    even = descriptors.astype(np.float32) @ _likeness()
    even -= even.mean(axis=0)
    return even / np.maximum(np.linalg.norm(even, axis=1, keepdims=True), 1e-12)


@lru_cache(maxsize=1)
def _likeness() -> np.ndarray:
    return np.load(EMBEDDER_FOLDER / LIKENESS_FILE).astype(np.float32)


def _linked(known: np.ndarray, limit: float) -> np.ndarray:
    """(N,) group numbers of unit vectors; groups whose mean distance is below the limit are one.

    Groups can only meet within the connected parts of the graph of near faces, so each part is linked by itself; one
    that is too large for that is first parted by a stricter limit.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.sparse.csgraph import connected_components

    groups = np.arange(len(known))
    waiting = [(np.arange(len(known)), limit)]
    while waiting:
        rows, reach = waiting.pop()
        _, parts = connected_components(_near(known[rows], reach), directed=False)
        order = np.argsort(parts, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(parts[order])) + 1):
            together = rows[part]
            if len(together) > _LINKED_AT_ONCE:
                waiting.append((together, 0.9 * reach))
            elif len(together) > 1:
                tree = linkage(known[together], "average", metric="cosine")
                groups[together] = together[fcluster(tree, reach, "distance") - 1]
    return np.unique(groups, return_inverse=True)[1]


def _near(known: np.ndarray, reach: float) -> csr_array:
    """The graph (N, N) of faces nearer to each other than `reach`."""
    from scipy.sparse import csr_array

    ones, others = [], []
    for start in range(0, len(known), _CHUNK):
        one, other = np.nonzero(known[start : start + _CHUNK] @ known.T > 1 - reach)
        ones.append(one + start)
        others.append(other)
    pairs = np.concatenate(ones), np.concatenate(others)
    return csr_array((np.ones(len(pairs[0]), bool), pairs), shape=(len(known), len(known)))
