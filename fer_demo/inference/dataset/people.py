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

# Groups are joined where one person explains them so much better than two, beyond the log of the number of pairs: the
# more pairs a set has, the more strangers look alike by chance. docs/fer2013.md says how it was measured.
EVIDENCE = 0.0
LIKENESS_FILE = "likeness.npz"  # beside the embedder: axes, and how much persons differ along each
_STRICTER = 2.0  # by this a part is asked for more that is too large to be linked at once
_LINKED_AT_ONCE = 5000  # faces; the table of their evidence takes 100 MB
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


def find_people(descriptors: np.ndarray, usable: np.ndarray, evidence: float = EVIDENCE) -> People:
    """Groups of faces (N, D) by average linkage (Sokal and Michener 1958) of how likely each two show one person.

    The model is probabilistic linear discriminant analysis (Ioffe 2006): along each axis the faces of a person vary by
    1 about a mean of their own, and the means by `between`. Vectors have one length and the set's mean is 0
    (Garcia-Romero and Espy-Wilson 2011), so that every set has one scale.
    """
    rows = np.flatnonzero(usable)
    groups = np.full(len(descriptors), -1, np.int64)
    if len(rows):
        axes, between = _likeness()
        even = descriptors[rows].astype(np.float32) @ axes
        even -= even.mean(axis=0)
        length = np.maximum(np.linalg.norm(even, axis=1, keepdims=True), 1e-12)
        known = even * (np.sqrt((1 + between).sum()) / length)
        pairs = max(len(rows) * (len(rows) - 1) / 2, 1)
        groups[rows] = _linked(known, between, evidence + float(np.log(pairs)))
    return People(groups)


@lru_cache(maxsize=1)
def _likeness() -> tuple[np.ndarray, np.ndarray]:
    with np.load(EMBEDDER_FOLDER / LIKENESS_FILE) as stored:
        return stored["axes"].astype(np.float32), stored["between"].astype(np.float32)


def _linked(known: np.ndarray, between: np.ndarray, least: float) -> np.ndarray:
    """(N,) group numbers of faces; groups whose pairs reach `least` in the mean are one.

    Groups can only meet within the connected parts of the graph of likely pairs, so each part is linked by itself; one
    that is too large for that is first parted by asking for more.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.sparse.csgraph import connected_components

    groups = np.arange(len(known))
    waiting = [(np.arange(len(known)), least)]
    while waiting:
        rows, least = waiting.pop()
        _, parts = connected_components(_likely(known[rows], between, least), directed=False)
        order = np.argsort(parts, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(parts[order])) + 1):
            together = rows[part]
            if len(together) > _LINKED_AT_ONCE:
                waiting.append((together, least + _STRICTER))
            elif len(together) > 1:
                evidence = _evidence(known[together], known[together], between)
                pairs = np.concatenate([row[number + 1 :] for number, row in enumerate(evidence)])
                surest = max(float(pairs.max()), least)  # linkage asks for distances, which are not negative
                tree = linkage(surest - pairs, "average")
                groups[together] = together[fcluster(tree, surest - least, "distance") - 1]
    return np.unique(groups, return_inverse=True)[1]


def _likely(known: np.ndarray, between: np.ndarray, least: float) -> csr_array:
    """The graph (N, N) of pairs of faces with at least so much evidence for one person."""
    from scipy.sparse import csr_array

    ones, others = [], []
    for start in range(0, len(known), _CHUNK):
        one, other = np.nonzero(_evidence(known[start : start + _CHUNK], known, between) >= least)
        ones.append(one + start)
        others.append(other)
    pairs = np.concatenate(ones), np.concatenate(others)
    return csr_array((np.ones(len(pairs[0]), bool), pairs), shape=(len(known), len(known)))


def _evidence(ones: np.ndarray, others: np.ndarray, between: np.ndarray) -> np.ndarray:
    """(N, M) log of how much likelier each two faces are as one person's than as two people's."""
    weight = between / (2 + 4 * between)
    alone = weight - 0.5 * between / (1 + between)
    constant = float((np.log1p(between) - 0.5 * np.log1p(2 * between)).sum())
    evidence = 2 * (ones * weight) @ others.T
    evidence += ((ones**2) @ alone)[:, None] + (others**2) @ alone + constant
    return evidence
