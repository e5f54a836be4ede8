"""Levels of a measured factor or of one dimension of a code: cells that hold about as many faces each."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int, Shaped


def equal_mass_levels(values: Shaped[np.ndarray, " faces"], most: int) -> Int[np.ndarray, " faces"]:
    """The cell, from 0, of each number; equal numbers share a cell, so that there may be fewer than `most`."""
    edges = np.unique(np.quantile(values, np.arange(1, most) / most, method="inverted_cdf"))
    return _numbered(np.searchsorted(edges, values, side="left"))


def named_levels(values: Shaped[np.ndarray, " faces"]) -> Int[np.ndarray, " faces"]:
    """The place, from 0, of each value among the different ones in order: for names and other classes."""
    return _numbered(values)


def _numbered(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)
