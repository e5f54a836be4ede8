"""How much each dimension of a code tells about each factor, in nats, beyond what chance would seem to tell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.special import entr

from fer_demo.metrics.levels import equal_mass_levels

CELLS = 20  # of a code's dimension, as in Locatello et al. 2019


class Information(NamedTuple):
    """Mutual information of dimensions and factors, and the most there could be."""

    table: Float[np.ndarray, "dims factors"]  # nats, 0 or more
    most: Float[np.ndarray, " factors"]  # of a dimension that is all about the factor, with the cells of the best one


def mutual_information(
    codes: Float[np.ndarray, "faces dims"], factors: Int[np.ndarray, "faces factors"]
) -> Information:
    """Information between the cells of each dimension and the levels, from 0, of each factor.

    From what is counted, the mean over all reorderings of the faces is taken away (Vinh et al. 2010): 70 people and 20
    cells share a third of a nat on 2,000 faces by chance alone.
    """
    cells = [equal_mass_levels(column, CELLS) for column in codes.T]
    table = np.zeros((codes.shape[1], factors.shape[1]))
    most = np.zeros(factors.shape[1])
    for place, levels in enumerate(factors.T):
        chance: dict[tuple[int, ...], float] = {}  # most dimensions have the same counts
        for dim, cell in enumerate(cells):
            counts = _counts(cell, levels)
            sizes = tuple(counts.sum(axis=1))
            if sizes not in chance:
                chance[sizes] = _by_chance(counts)
            table[dim, place] = max(0.0, _information(counts) - chance[sizes])
            if table[dim, place] >= table[:, place].max():
                best = min(_entropy(np.bincount(levels)), float(np.log(CELLS)))
                most[place] = max(best - chance[sizes], 0.0)
    return Information(table, most)


def _counts(cells: np.ndarray, levels: np.ndarray) -> np.ndarray:
    counts = np.zeros((cells.max() + 1, levels.max() + 1), np.int64)
    np.add.at(counts, (cells, levels), 1)
    return counts


def _information(counts: np.ndarray) -> float:
    return _entropy(counts.sum(axis=0)) + _entropy(counts.sum(axis=1)) - _entropy(counts.ravel())


def _entropy(counts: np.ndarray) -> float:
    return float(entr(counts / counts.sum()).sum())


def _by_chance(counts: np.ndarray) -> float:
    """The mean information of tables with the same sums; the exact one under random orders of the faces."""
    from sklearn.metrics.cluster import expected_mutual_information

    return float(expected_mutual_information(counts.astype(np.int64), int(counts.sum())))
