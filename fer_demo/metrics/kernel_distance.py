"""Kernel distance of two sets of pictures in the feature space of a network (Binkowski et al. 2018, KID)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def kernel_distance(one: Float[np.ndarray, "count dims"], other: Float[np.ndarray, "others dims"]) -> float:
    """Unbiased squared maximum mean discrepancy under the kernel (x y / dims + 1)^3.

    Its mean does not depend on the sets' sizes; for sets from one source it scatters around 0, below 0 too.
    """
    a, b = one.astype(np.float64), other.astype(np.float64)
    dims = a.shape[1]
    among_a, among_b, between = ((x @ y.T / dims + 1) ** 3 for x, y in ((a, a), (b, b), (a, b)))
    return float(_off_diagonal_mean(among_a) + _off_diagonal_mean(among_b) - 2 * between.mean())


def _off_diagonal_mean(table: np.ndarray) -> float:
    count = len(table)
    return float((table.sum() - np.trace(table)) / (count * (count - 1)))
