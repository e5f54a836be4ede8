"""Times a call: the first one apart, then the median of several."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def seconds(call: Callable[[], object], repeats: int = 10) -> dict[str, float]:
    """Seconds of the first call, and median and maximum of the `repeats` that follow it."""
    durations = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        call()
        durations.append(time.perf_counter() - start)
    first, *rest = durations
    return {"first_s": round(first, 4), "median_s": round(statistics.median(rest), 4), "max_s": round(max(rest), 4)}
