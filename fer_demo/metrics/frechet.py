"""Fréchet distance of two sets of pictures in the feature space of a network (Heusel et al. 2017, FID)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def frechet_distance(one: Float[np.ndarray, "count dims"], other: Float[np.ndarray, "others dims"]) -> float:
    """|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)) of the Gaussians through both sets of features.

    It shrinks as the sets grow: compare only figures made with the same features and the same counts.
    """
    a, b = one.astype(np.float64), other.astype(np.float64)
    covariance_a, covariance_b = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (a, b))
    # (S1 S2)^(1/2) has the trace of (S1^(1/2) S2 S1^(1/2))^(1/2), whose roots are real, whatever the rank.
    root = _symmetric_root(covariance_a)
    mixed = np.linalg.eigvalsh(root @ covariance_b @ root)
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    spread = np.trace(covariance_a) + np.trace(covariance_b) - 2 * np.sqrt(mixed.clip(min=0)).sum()
    return float(apart + spread)


def _symmetric_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
