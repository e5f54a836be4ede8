"""The Brier score: the squared distance between probabilities and what was true (Brier 1950)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int


def brier_score(probabilities: Float[np.ndarray, "batch classes"], truth: Int[np.ndarray, " batch"]) -> float:
    """Mean over the examples of the squared errors summed over the classes; 0 is perfect, 2 the worst."""
    errors = probabilities.astype(np.float64)
    errors[np.arange(len(truth)), truth] -= 1.0
    return float((errors**2).sum(axis=1).mean())
