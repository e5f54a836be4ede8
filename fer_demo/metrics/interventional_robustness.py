"""Interventional robustness: whether a dimension stays put while all but one factor change (Suter et al. 2019, IRS)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

QUANTILE = 0.99  # of the deviations, in place of the largest, which one face decides


def interventional_robustness(
    codes: Float[np.ndarray, "faces dims"], factors: Int[np.ndarray, "faces factors"], seed: int
) -> float:
    """1 - the largest deviation while the best factor is held over that while none is; mean weighted by the latter.

    0..1; about 0 for a code of noise. The seed draws the faces among which no factor is held.
    """
    rng = np.random.default_rng(seed)
    held, free = np.zeros((2, codes.shape[1], factors.shape[1]))
    for place, levels in enumerate(factors.T):
        held[:, place] = _deviations(codes, levels)
        # Differs from the paper: the free deviation is that of as many faces drawn at random. A few faces stray less
        # far than all of them do, and a code of noise would seem robust.
        free[:, place] = _deviations(codes, rng.permutation(levels))
    robust = 1 - np.divide(held, free, out=np.ones_like(held), where=free > 0).min(axis=1)
    weights = free.mean(axis=1)
    return float(np.average(np.clip(robust, 0, 1), weights=weights)) if weights.sum() > 0 else 0.0


def _deviations(codes: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """(D,) how far the faces of a level stray from their mean; mean over levels."""
    found = []
    for level in np.unique(levels):
        group = codes[levels == level]
        found.append(np.quantile(np.abs(group - group.mean(axis=0)), QUANTILE, axis=0))
    return np.mean(found, axis=0)
