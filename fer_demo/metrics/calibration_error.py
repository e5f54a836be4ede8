"""Reliability bins and the expected calibration error: whether answers given with 80 % confidence are right in 80 %."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

BINS = 15  # as in Guo et al. 2017


class Bin(NamedTuple):
    """Examples of like confidence."""

    confidence: float  # mean probability of the top answer
    accuracy: float  # share of right answers
    size: int


def equal_mass_bins(
    probabilities: Float[np.ndarray, "batch classes"], truth: Int[np.ndarray, " batch"], bins: int = BINS
) -> tuple[Bin, ...]:
    """Bins of (nearly) equally many examples, from the least confident to the most (Nixon et al. 2019)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return tuple(_bin(confidence[part], right[part]) for part in parts if len(part))


def equal_width_bins(
    probabilities: Float[np.ndarray, "batch classes"], truth: Int[np.ndarray, " batch"], bins: int = BINS
) -> tuple[Bin, ...]:
    """Bins of equal ranges of confidence; empty ones are left out."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    parts = [np.flatnonzero(places == place) for place in range(bins)]
    return tuple(_bin(confidence[part], right[part]) for part in parts if len(part))


def expected_calibration_error(bins: tuple[Bin, ...]) -> float:
    """The distance between confidence and accuracy, averaged over the examples; 0 is perfect.

    We report the one over equal-mass bins: bins of equal width leave the few unsure answers to chance.
    """
    total = sum(part.size for part in bins)
    return sum(abs(part.confidence - part.accuracy) * part.size for part in bins) / total


def _bin(confidence: np.ndarray, right: np.ndarray) -> Bin:
    return Bin(float(confidence.mean(dtype=np.float64)), float(right.mean()), len(right))
