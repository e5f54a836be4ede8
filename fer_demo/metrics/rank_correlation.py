"""Whether a model is in doubt where people are: entropy, and Spearman's rank correlation."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import entr


def entropy(shares: Float[np.ndarray, "batch classes"]) -> Float[np.ndarray, " batch"]:
    """Entropy in nats of distributions that sum to 1."""
    return entr(shares.astype(np.float64)).sum(axis=1)


def rank_correlation(one: Float[np.ndarray, " batch"], other: Float[np.ndarray, " batch"]) -> float:
    """Spearman's rho in -1..1; ties share their mean rank. Not a number where one of them never varies."""
    first, second = _ranks(one), _ranks(other)
    if first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: Float[np.ndarray, " batch"]) -> Float[np.ndarray, " batch"]:
    """The place of each value in their order, from 0; equal ones share the mean of theirs."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts + 1) / 2)[which]
