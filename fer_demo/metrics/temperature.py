"""Temperature scaling: one number that makes a network as sure as it is right (Guo et al. 2017)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

LEAST, MOST = 0.05, 20.0


def cross_entropy(logits: Float[np.ndarray, "batch classes"], shares: Float[np.ndarray, "batch classes"]) -> float:
    """Mean of -sum p log q in nats, of logits and the shares of people."""
    return -float((shares * log_softmax(logits.astype(np.float64), axis=1)).sum(axis=1).mean())


def fit_temperature(logits: Float[np.ndarray, "batch classes"], truth: Int[np.ndarray, " batch"]) -> float:
    """The temperature in 0.05..20 under which logits / temperature make the truth likeliest."""
    return fit_share_temperature(logits, np.eye(logits.shape[1])[truth])


def fit_share_temperature(
    logits: Float[np.ndarray, "batch classes"], shares: Float[np.ndarray, "batch classes"]
) -> float:
    """The temperature in 0.05..20 under which logits / temperature have the least cross-entropy to people's shares."""
    # In 1 / temperature the cross-entropy has a single valley.
    found = minimize_scalar(
        lambda inverse: cross_entropy(logits * inverse, shares),
        bounds=(1 / MOST, 1 / LEAST),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(1 / found.x)
