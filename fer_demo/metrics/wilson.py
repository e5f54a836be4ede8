"""The interval of a share that was counted (Wilson 1927), which stays inside 0 and 1 for few and for rare ones."""

from __future__ import annotations

import math

_NORMAL = 1.959964  # the 97.5 % quantile of the normal distribution


def wilson_interval(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of the share that `hits` of `count` independent trials stand for."""
    share, spread = hits / count, _NORMAL**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
