"""Mutual information gap: whether one dimension of a code alone carries each factor (Chen et al. 2018, MIG)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from fer_demo.metrics.mutual_information import mutual_information


def mutual_information_gap(codes: Float[np.ndarray, "faces dims"], factors: Int[np.ndarray, "faces factors"]) -> float:
    """The lead of the dimension that tells most of a factor over the next, as a share of the most; mean over factors.

    0..1; at least two dimensions.
    """
    table, most = mutual_information(codes, factors)
    first, second = np.sort(table, axis=0)[::-1][:2]
    # Differs from the paper: information is counted in cells and without its chance part, and the most is what so many
    # cells can hold, which is less than the entropy of a factor of many levels. Either way a perfect code scores 1.
    gaps = np.divide(first - second, most, out=np.zeros_like(most), where=most > 0)
    return float(np.clip(gaps, 0, 1).mean())
