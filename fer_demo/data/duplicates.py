"""Duplicates: pictures with the same pixels, and near copies (saved again, resized, lit anew, mirrored)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_demo.data.pictures import SMALL, PictureTable

# Near copies differ in at most so many of the 64 bits of their perceptual hashes, and the grey levels of their small
# copies correlate at least so much. tests/unit/data/test_duplicates.py says what is found and what is missed.
MOST_BITS = 10
LEAST_CORRELATION = 0.96
_CHUNK = 256  # rows compared with all others at once

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
    """Groups of copies, the largest first; blank pictures are alike without being copies and are left out."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    usable = np.flatnonzero(pictures.readable & ~pictures.blank)
    pairs = exact_pairs(pictures, usable)
    if near:
        pairs = np.concatenate([pairs, near_pairs(pictures, usable)])
    size = len(pictures)
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, label = connected_components(graph, directed=False)
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
    """(P, 2) pairs whose hashes are close, straight or mirrored, and whose grey levels correlate."""
    hashes = pictures.hashes[rows]
    found: list[np.ndarray] = []
    for start in range(0, len(rows), _CHUNK):
        own = hashes[start : start + _CHUNK, 0]
        later = hashes[start:]  # each pair once
        for mirrored in (False, True):
            bits = np.bitwise_count(own[:, None] ^ later[None, :, int(mirrored)])
            one, other = np.nonzero(bits <= MOST_BITS)
            kept = one < other
            pair = np.stack([rows[start + one[kept]], rows[start + other[kept]]], axis=1)
            found.append(pair[_correlation(pictures.small, pair, mirrored) >= LEAST_CORRELATION])
    return np.concatenate([np.empty((0, 2), np.int64), *found])


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
