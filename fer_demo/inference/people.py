"""The same person across splits: faces grouped by identity descriptor, without being told who anybody is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Two faces are joined if they are closer than this part of the set's median distance: rendered faces, or photographs
# of few pixels, all lie closer together than sharp photographs. Stricter than the usual 0.6 (about 0.75 of the median
# of photographs), since among the millions of pairs of a set even rare mistakes are many.
CLOSENESS = 0.52
_PAIRS = 200_000  # random pairs whose median distance is taken
_ROUNDS = 20  # of Chinese whispers; groups settle after five to ten
_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class People:
    """Who is who by appearance: a group number for each face."""

    groups: np.ndarray  # (N,) int64; a face that is near no other has a group of its own, a face not seen has -1
    joined: float  # the distance below which two faces were joined

    def leaking(self, splits: Sequence[str | None]) -> np.ndarray:
        """(N,) bool: faces of people who are also in another split."""
        split_numbers = {split: number for number, split in enumerate(dict.fromkeys(splits))}
        numbers = np.array([split_numbers[split] for split in splits], np.int64)
        leaks = np.zeros(len(self.groups), bool)
        order = np.argsort(self.groups, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(self.groups[order])) + 1):
            leaks[rows] = len(rows) > 1 and self.groups[rows[0]] >= 0 and len(np.unique(numbers[rows])) > 1
        return leaks


def find_people(descriptors: np.ndarray, usable: np.ndarray, closeness: float = CLOSENESS, seed: int = 0) -> People:
    """Groups of faces (N, D) by Chinese whispers (Biemann 2006), which suits this descriptor and large sets.

    Each face takes, round after round, the group that most of its near ones are in, closer ones counting more; unlike
    connected components, one false link between two people does not make them one.
    """
    rows = np.flatnonzero(usable)
    rng = np.random.default_rng(seed)
    known = descriptors[rows].astype(np.float32)
    joined = closeness * _median_distance(known, rng)
    starts, neighbours, weights = _graph(known, joined)
    labels = np.arange(len(rows))
    for _ in range(_ROUNDS):
        changed = False
        for face in rng.permutation(len(rows)):
            part = slice(starts[face], starts[face + 1])
            if part.start == part.stop:
                continue
            names, place = np.unique(labels[neighbours[part]], return_inverse=True)
            best = names[np.bincount(place, weights[part]).argmax()]
            changed |= best != labels[face]
            labels[face] = best
        if not changed:
            break
    groups = np.full(len(descriptors), -1, np.int64)
    groups[rows] = np.unique(labels, return_inverse=True)[1]
    return People(groups, joined)


def _median_distance(descriptors: np.ndarray, rng: np.random.Generator) -> float:
    if len(descriptors) < 2:
        return 0.0
    one = rng.integers(len(descriptors), size=_PAIRS)
    other = (one + rng.integers(1, len(descriptors), size=_PAIRS)) % len(descriptors)
    return float(np.median(np.linalg.norm(descriptors[one] - descriptors[other], axis=1)))


def _graph(descriptors: np.ndarray, joined: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each face's near ones: where they begin in the lists, who they are, and how much they count."""
    squares = (descriptors**2).sum(axis=1)
    ones, others, weights = [], [], []
    for start in range(0, len(descriptors), _CHUNK):
        part = slice(start, start + _CHUNK)
        squared = squares[part, None] + squares - 2 * descriptors[part] @ descriptors.T
        distances = np.sqrt(np.maximum(squared, 0))
        one, other = np.nonzero(distances < joined)
        apart = one + start != other
        ones.append(one[apart] + start)
        others.append(other[apart])
        weights.append(joined - distances[one[apart], other[apart]])
    counts = np.bincount(np.concatenate([np.empty(0, np.int64), *ones]), minlength=len(descriptors))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return starts, np.concatenate([np.empty(0, np.int64), *others]), np.concatenate([np.empty(0, np.float32), *weights])
