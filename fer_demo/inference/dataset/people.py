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

# Groups of faces are joined while one person explains them so much better than two: log of the Bayes factor.
EVIDENCE = 12.0
LIKENESS_FILE = "likeness.npz"  # beside the embedder: axes, and how much persons differ along each
_LEAST_PAIR = 0.0  # evidence of the surest pair between groups that may be joined
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
    """Groups of faces (N, D) by probabilistic linear discriminant analysis (Ioffe 2006), the surest pair first.

    Along each axis the faces of a person vary by 1 about a mean of their own, and the means by `between`. Vectors have
    one length and the set's mean is 0 (Garcia-Romero and Espy-Wilson 2011), so that every set has one scale.
    """
    rows = np.flatnonzero(usable)
    groups = np.full(len(descriptors), -1, np.int64)
    if len(rows):
        axes, between = _likeness()
        even = descriptors[rows].astype(np.float32) @ axes
        even -= even.mean(axis=0)
        length = np.maximum(np.linalg.norm(even, axis=1, keepdims=True), 1e-12)
        groups[rows] = _joined(even * (np.sqrt((1 + between).sum()) / length), between, evidence)
    return People(groups)


@lru_cache(maxsize=1)
def _likeness() -> tuple[np.ndarray, np.ndarray]:
    with np.load(EMBEDDER_FOLDER / LIKENESS_FILE) as stored:
        return stored["axes"].astype(np.float32), stored["between"].astype(np.float32)


def _agglomerated(known: np.ndarray, between: np.ndarray, evidence: float) -> np.ndarray:
    """(N,) group numbers: the two groups that are surest to be one person are joined, again and again.

    A group of n faces whose sum is s has log likelihood sum(weight[n] * s^2) + constant[n], up to what cancels.
    """
    count = len(known)
    size = np.arange(count + 2, dtype=np.float32)[:, None]
    weight, constant = 0.5 * between / (1 + size * between), -0.5 * np.log1p(size * between).sum(axis=1)
    groups, sizes, sums = np.arange(count), np.ones(count, np.int64), known.copy()
    alone = (sums**2) @ weight[1] + constant[1]
    gain = 2 * (sums * weight[2]) @ sums.T
    squares = (sums**2) @ weight[2] - alone
    gain += squares[:, None] + squares + constant[2]
    np.fill_diagonal(gain, -np.inf)
    best = gain.argmax(axis=1)
    most = gain[np.arange(count), best]
    there = np.ones(count, bool)
    while most.max() >= evidence:
        one = int(most.argmax())
        other = int(best[one])
        groups[groups == other] = one
        sums[one] += sums[other]
        sizes[one] += sizes[other]
        alone[one] = (sums[one] ** 2) @ weight[sizes[one]] + constant[sizes[one]]
        there[other], most[other] = False, -np.inf
        gain[other] = gain[:, other] = -np.inf
        others = there & (np.arange(count) != one)
        together = np.where(others, sizes + sizes[one], 1)
        row = np.einsum("nd,nd->n", (sums + sums[one]) ** 2, weight[together]) + constant[together] - alone - alone[one]
        row[~others] = -np.inf
        gain[one] = gain[:, one] = row
        best[one] = row.argmax()
        most[one] = row[best[one]]
        for stale in np.flatnonzero(there & ((best == one) | (best == other))):
            best[stale] = gain[stale].argmax()
            most[stale] = gain[stale, best[stale]]
        surer = row > most
        most[surer], best[surer] = row[surer], one
    return groups


def _joined(known: np.ndarray, between: np.ndarray, evidence: float) -> np.ndarray:
    """(N,) group numbers of faces; groups can only meet within the connected parts of the graph of likely pairs.

    A part that is too large to be joined at once is first parted by asking for more of each pair.
    """
    from scipy.sparse.csgraph import connected_components

    groups = np.arange(len(known))
    waiting = [(np.arange(len(known)), _LEAST_PAIR)]
    while waiting:
        rows, least = waiting.pop()
        _, parts = connected_components(_likely(known[rows], between, least), directed=False)
        order = np.argsort(parts, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(parts[order])) + 1):
            together = rows[part]
            if len(together) > _LINKED_AT_ONCE:
                waiting.append((together, least + 2.0))
            elif len(together) > 1:
                groups[together] = together[_agglomerated(known[together], between, evidence)]
    return np.unique(groups, return_inverse=True)[1]


def _likely(known: np.ndarray, between: np.ndarray, least: float) -> csr_array:
    """The graph (N, N) of pairs of faces with at least so much evidence for one person."""
    from scipy.sparse import csr_array

    weight = between / (2 + 4 * between)
    constant = np.log1p(between).sum() - 0.5 * np.log1p(2 * between).sum()
    squares = (known**2) @ (weight - 0.5 * between / (1 + between))
    ones, others = [], []
    for start in range(0, len(known), _CHUNK):
        part = slice(start, start + _CHUNK)
        gain = 2 * (known[part] * weight) @ known.T + squares[part, None] + squares + constant
        one, other = np.nonzero(gain >= least)
        ones.append(one + start)
        others.append(other)
    pairs = np.concatenate(ones), np.concatenate(others)
    return csr_array((np.ones(len(pairs[0]), bool), pairs), shape=(len(known), len(known)))
