"""Separated attribute predictability: whether one dimension of a code predicts each factor (Kumar et al. 2018, SAP)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int


def separated_attribute_predictability(
    codes: Float[np.ndarray, "faces dims"], factors: Int[np.ndarray, "faces factors"], seed: int
) -> float:
    """The lead of the best predicting dimension over the next, in balanced accuracy on unseen faces; mean over factors.

    0 to 1 - 1 / levels; at least two dimensions. The seed halves the faces into those that teach and those that test.
    """
    order = np.random.default_rng(seed).permutation(len(codes))
    teach, test = order[::2], order[1::2]
    gaps = []
    for levels in factors.T:
        accuracies = np.sort(_accuracies(codes[teach], levels[teach], codes[test], levels[test]))
        gaps.append(accuracies[-1] - accuracies[-2])
    return float(np.mean(gaps))


def _accuracies(teach: np.ndarray, taught: np.ndarray, test: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(D,) balanced accuracy of each dimension alone."""
    # Differs from the paper: the thresholds lie midway between the means of the levels instead of being searched.
    known = np.unique(taught)
    means = np.stack([teach[taught == level].mean(axis=0) for level in known])  # (L, D)
    nearest = np.abs(test[:, None, :] - means[None]).argmin(axis=1)  # (N, D)
    right = known[nearest] == truth[:, None]
    return np.stack([right[truth == level].mean(axis=0) for level in np.unique(truth)]).mean(axis=0)
