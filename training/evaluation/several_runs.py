"""The mean and spread of every figure over runs of one recipe with several seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.evaluation.record import Evaluation


def spread_over_runs(evaluations: Sequence[Evaluation], seeds: Sequence[int]) -> dict[str, Any]:
    """Rows of name, data, mean, standard deviation (n - 1), least and most, of the figures that all runs have."""
    found: dict[tuple[str, str], list[float]] = {}
    for evaluation in evaluations:
        for figure in evaluation.figures:
            found.setdefault((figure.name, figure.data), []).append(figure.value)
    rows = [
        [name, data, float(np.mean(values)), float(np.std(values, ddof=1)), min(values), max(values)]
        for (name, data), values in found.items()
        if len(values) == len(evaluations)
    ]
    return {"seeds": list(seeds), "rows": rows}
