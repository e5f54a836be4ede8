"""Bootstrap intervals of any statistic over rows (Efron 1979)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Shaped

DRAWS = 2000


def bootstrap_interval(
    rows: Shaped[np.ndarray, "rows ..."],
    seed: int,
    statistic: Callable[[np.ndarray], float] = np.mean,
    draws: int = DRAWS,
) -> tuple[float, float]:
    """The 2.5 % and 97.5 % quantiles of a statistic (the mean) of the rows when they are drawn with replacement."""
    rng = np.random.default_rng(seed)
    values = [float(statistic(rows[rng.integers(len(rows), size=len(rows))])) for _ in range(draws)]
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
