"""Whether a model is in doubt where people are: entropy, and Spearman's rank correlation."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import entr
from scipy.stats import spearmanr


def entropy(shares: Float[np.ndarray, "batch classes"]) -> Float[np.ndarray, " batch"]:
    """Entropy in nats of distributions that sum to 1."""
    return entr(shares.astype(np.float64)).sum(axis=1)


def rank_correlation(one: Float[np.ndarray, " batch"], other: Float[np.ndarray, " batch"]) -> float:
    """Spearman's rho in -1..1; ties share their mean rank. Not a number where one of them never varies."""
    return float(spearmanr(one, other).statistic)
