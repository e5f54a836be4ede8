"""Modularity: whether each dimension of a code tells of one factor alone (Ridgeway and Mozer 2018)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from fer_demo.metrics.mutual_information import mutual_information


def modularity(codes: Float[np.ndarray, "faces dims"], factors: Int[np.ndarray, "faces factors"]) -> float:
    """1 - squared information on other factors over (factors - 1) times that on the main one; mean over dimensions.

    0..1; at least two factors. Dimensions that tell of nothing do not count; if none tells of anything, it is 0.
    """
    table, _ = mutual_information(codes, factors)
    main = table.max(axis=1)
    telling = main > 0
    if not telling.any():
        return 0.0
    squares, largest = (table[telling] ** 2).sum(axis=1), main[telling] ** 2
    return float((1 - (squares - largest) / (largest * (factors.shape[1] - 1))).mean())
