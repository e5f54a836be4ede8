"""Temperature scaling: one number that makes a network as sure as it is right (Guo et al. 2017)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

LEAST, MOST = 0.05, 20.0


def negative_log_likelihood(logits: Float[np.ndarray, "batch classes"], truth: Int[np.ndarray, " batch"]) -> float:
    """Mean of minus the log of the right class's probability."""
    return -float(log_softmax(logits.astype(np.float64), axis=1)[np.arange(len(truth)), truth].mean())


def fit_temperature(logits: Float[np.ndarray, "batch classes"], truth: Int[np.ndarray, " batch"]) -> float:
    """The temperature in 0.05..20 under which logits / temperature make the truth likeliest."""
    # In 1 / temperature the likelihood has a single peak.
    found = minimize_scalar(
        lambda inverse: negative_log_likelihood(logits * inverse, truth),
        bounds=(1 / MOST, 1 / LEAST),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(1 / found.x)
