"""Duplicates: pictures with the same pixels, and near copies (saved again, resized, lit anew, mirrored)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_demo.data.pictures import SMALL, PictureTable
from fer_demo.errors import DataError

# Near copies differ in at most so many of the 64 bits of their perceptual hashes, and the grey levels of their small
# copies correlate at least so much. tests/unit/data/test_duplicates.py says what is found and what is missed.
MOST_BITS = 10
LEAST_CORRELATION = 0.96
_CHUNK = 256  # rows compared with all others at once
_MOST_COMPARED = 5_000_000  # pairs whose small copies are compared: half a minute, where FER2013 has 17,525

EXACT, NEAR = "exact", "near"


@dataclass(frozen=True, eq=False)
class DuplicateGroup:
    """Pictures that are copies of one another, rows in rising order."""

    rows: tuple[int, ...]
    kind: str  # EXACT if all pixels agree, else NEAR

    def splits(self, split_of: Sequence[str | None]) -> tuple[str, ...]:
        """The splits its pictures are in, each once."""
        return tuple(dict.fromkeys(split or "" for split in (split_of[row] for row in self.rows)))


def find_duplicates(pictures: PictureTable, near: bool = True) -> tuple[DuplicateGroup, ...]:
    """Groups of copies, the largest first; blank pictures are alike without being copies and are left out.

    Raises: DataError if too many pictures look alike to compare each with each.
    """
    usable = np.flatnonzero(pictures.readable & ~pictures.blank)
    pairs = exact_pairs(pictures, usable)
    if near:  # of pictures with the same pixels one stands for all
        pairs = np.concatenate([pairs, near_pairs(pictures, np.setdiff1d(usable, pairs[:, 1]))])
    label = _components(pairs, len(pictures))
    members = np.argsort(label, kind="stable")
    groups = np.split(members, np.flatnonzero(np.diff(label[members])) + 1)
    found = [_group(pictures, rows) for rows in groups if len(rows) > 1]
    return tuple(sorted(found, key=lambda group: (-len(group.rows), group.rows)))


def exact_pairs(pictures: PictureTable, rows: np.ndarray) -> np.ndarray:
    """(P, 2) each picture that has the same pixels as an earlier one, with that one."""
    first: dict[bytes, int] = {}
    pairs = [(first.setdefault(pictures.digest[row], int(row)), int(row)) for row in rows]
    return np.array([pair for pair in pairs if pair[0] != pair[1]], np.int64).reshape(-1, 2)


def near_pairs(pictures: PictureTable, rows: np.ndarray) -> np.ndarray:
    """(P, 2) pairs whose hashes are close, straight or mirrored, and whose grey levels correlate.

    Pairs that earlier ones connect already are left out: a thousand copies of one picture are a thousand pairs.

    Raises: DataError if too many pairs have close hashes.
    """
    hashes = pictures.hashes[rows]
    group = np.arange(len(rows))  # of pictures that are connected so far
    found: list[np.ndarray] = [np.empty((0, 2), np.int64)]  # places in `rows`
    start, step, compared = 0, 1, 0
    while start < len(rows):
        own = hashes[start : start + step, 0]
        later = hashes[start:]  # each pair once
        for mirrored in (False, True):
            bits = np.bitwise_count(own[:, None] ^ later[None, :, int(mirrored)])
            one, other = start + np.stack(np.nonzero(bits <= MOST_BITS))
            open_ = (one < other) & (group[one] != group[other])
            pair = np.stack([one[open_], other[open_]], axis=1)
            compared += len(pair)
            if compared > _MOST_COMPARED:
                raise DataError("Too many of these pictures look alike to be compared; bring a part of them.")
            found.append(pair[_correlation(pictures.small, rows[pair], mirrored) >= LEAST_CORRELATION])
        group = _components(np.concatenate(found), len(rows))
        # The first few connect most copies of one picture, before many at once would ask for all their pairs.
        start, step = start + step, min(2 * step, _CHUNK)
    return rows[np.concatenate(found)]


def _components(pairs: np.ndarray, count: int) -> np.ndarray:
    """(N,) the number of the group that each of so many is connected in."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


def _correlation(small: np.ndarray, pairs: np.ndarray, mirrored: bool) -> np.ndarray:
    """(P,) Pearson correlation of the small copies of each pair."""
    parts = [np.empty(0, np.float32)]
    for start in range(0, len(pairs), 4096):
        one, other = small[pairs[start : start + 4096].T]
        other = other[:, :, ::-1] if mirrored else other
        a, b = (_standardized(side.reshape(-1, SMALL * SMALL).astype(np.float32)) for side in (one, other))
        parts.append((a * b).mean(axis=1))
    return np.concatenate(parts)


def _standardized(rows: np.ndarray) -> np.ndarray:
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(rows.std(axis=1, keepdims=True), 1e-6)


def _group(pictures: PictureTable, rows: np.ndarray) -> DuplicateGroup:
    same = len({pictures.digest[row] for row in rows}) == 1
    return DuplicateGroup(tuple(sorted(int(row) for row in rows)), EXACT if same else NEAR)
