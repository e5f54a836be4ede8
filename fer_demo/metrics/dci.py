"""Disentanglement, completeness and informativeness of a code (Eastwood and Williams 2018, DCI)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.special import entr

from fer_demo.metrics.leakage_gap import leakage

TREES = 10
TAUGHT = 0.75  # share of the faces that teach; the others test


class DCI(NamedTuple):
    """Three scores of 0..1."""

    disentanglement: float  # each dimension matters to one factor alone
    completeness: float  # each factor needs one dimension alone
    informativeness: float  # how much better than the most frequent level the factors are predicted; 0 at chance


def dci(codes: Float[np.ndarray, "faces dims"], factors: Int[np.ndarray, "faces factors"], seed: int) -> DCI:
    """Scores from the importances of a forest for each factor; at least two dimensions and two factors.

    The seed draws the faces that teach and the forests.
    """
    from sklearn.ensemble import RandomForestClassifier

    order = np.random.default_rng(seed).permutation(len(codes))
    cut = round(TAUGHT * len(codes))
    teach, test = order[:cut], order[cut:]
    importances, informed = [], []
    for levels in factors.T:
        # Every split sees all dimensions: with a random few of them, noise would seem to matter.
        forest = RandomForestClassifier(TREES, max_features=None, min_samples_leaf=2, random_state=seed)
        forest.fit(codes[teach], levels[teach])
        importances.append(forest.feature_importances_)
        accuracy = float((forest.predict(codes[test]) == levels[test]).mean())
        # Differs from the paper: higher is better, and chance is 0; there it is the error itself.
        informed.append(max(0.0, leakage(accuracy, float(np.bincount(levels[test]).max() / len(test)))))
    disentangled, complete = _scores(np.stack(importances, axis=1))
    return DCI(disentangled, complete, float(np.mean(informed)))


def _scores(importances: Float[np.ndarray, "dims factors"]) -> tuple[float, float]:
    """Disentanglement and completeness: 1 - entropy of a dimension's or factor's importances, weighted by the sums."""
    scores = []
    for table in (importances, importances.T):
        sums = table.sum(axis=1)
        shares = np.divide(table, sums[:, None], out=np.zeros_like(table), where=sums[:, None] > 0)
        apart = 1 - entr(shares).sum(axis=1) / np.log(table.shape[1])
        scores.append(float(np.average(apart, weights=sums)) if sums.sum() > 0 else 0.0)
    return scores[0], scores[1]
