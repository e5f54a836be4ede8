"""Split conformal prediction: sets of classes that hold the right one as often as asked (Vovk et al. 2005)."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped


def set_scores(probabilities: Float[np.ndarray, "batch classes"]) -> Float[np.ndarray, "batch classes"]:
    """How badly each class fits: one minus its probability (LAC, Sadinle et al. 2019); in 0..1."""
    return 1.0 - probabilities.astype(np.float64)


def conformal_threshold(scores: Float[np.ndarray, " batch"], coverage: float) -> float:
    """The score that a new right class stays at or below with probability `coverage`.

    `scores` are those of the right classes of exchangeable examples; the rank is ceil((n + 1) coverage), and 1,
    which every class reaches, where the examples are too few.
    """
    rank = math.ceil((len(scores) + 1) * coverage - 1e-9)
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else 1.0


def voted_threshold(
    scores: Float[np.ndarray, "batch classes"], shares: Float[np.ndarray, "batch classes"], coverage: float
) -> float:
    """The score at or below which lies so great a share of the answers that people give to a new face, on average.

    `shares` are how many of them give each answer, rows summing to 1. Conformal risk control (Angelopoulos et al. 2024)
    of the share of answers left out; where all people agree it is `conformal_threshold`.
    """
    order = np.argsort(scores, axis=None, kind="stable")
    held = np.cumsum(shares.ravel()[order], dtype=np.float64)
    place = int(np.searchsorted(held, (len(scores) + 1) * coverage - 1e-6))
    return float(scores.ravel()[order[place]]) if place < len(order) else 1.0


def voted_coverage(sets: Bool[np.ndarray, "batch classes"], shares: Float[np.ndarray, "batch classes"]) -> float:
    """The mean share of people's answers that the sets hold."""
    return float((sets * shares).sum(axis=1).mean())


def prediction_sets(
    probabilities: Float[np.ndarray, "batch classes"], threshold: float
) -> Bool[np.ndarray, "batch classes"]:
    """The classes whose score stays at or below the threshold, and always the most probable one."""
    chosen = set_scores(probabilities) <= threshold
    chosen[np.arange(len(chosen)), probabilities.argmax(axis=1)] = True
    return chosen


def coverage(sets: Bool[np.ndarray, "batch classes"], truth: Int[np.ndarray, " batch"]) -> float:
    """The share of sets that hold the right class."""
    return float(sets[np.arange(len(sets)), truth].mean())


def class_coverage(sets: Bool[np.ndarray, "batch classes"], truth: Int[np.ndarray, " batch"]) -> dict[int, float]:
    """The coverage among the examples of each class that occurs."""
    held = sets[np.arange(len(sets)), truth]
    return {int(label): float(held[truth == label].mean()) for label in np.unique(truth)}


def mean_size(sets: Shaped[np.ndarray, "batch classes"]) -> float:
    """The mean number of classes in a set."""
    return float(sets.sum(axis=1).mean())
