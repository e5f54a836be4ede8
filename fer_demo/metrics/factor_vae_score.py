"""FactorVAE score: whether the dimension that stands still says which factor was held (Kim and Mnih 2018)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

VOTES = 800  # to learn from, and as many to test on
FACES = 64  # in a vote


def factor_vae_score(
    codes: Float[np.ndarray, "faces dims"], factors: Int[np.ndarray, "faces factors"], seed: int
) -> float:
    """Accuracy of naming the held factor by the dimension of least relative variance; chance is 1 / factors.

    A vote draws, with replacement, faces that share the level of one factor with a random face.
    """
    deviations = codes.std(axis=0)
    scaled = codes[:, deviations > 0] / deviations[deviations > 0]
    if scaled.shape[1] == 0:
        return 1.0 / factors.shape[1]
    rng = np.random.default_rng(seed)
    tally = np.zeros((scaled.shape[1], factors.shape[1]), np.int64)
    for dim, held in _votes(scaled, factors, rng):
        tally[dim, held] += 1
    named = tally.argmax(axis=1)
    return float(np.mean([named[dim] == held for dim, held in _votes(scaled, factors, rng)]))


def _votes(scaled: np.ndarray, factors: np.ndarray, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Which dimension stood still when which factor was held."""
    found = []
    for held, face in zip(
        rng.integers(factors.shape[1], size=VOTES), rng.integers(len(scaled), size=VOTES), strict=True
    ):
        alike = np.flatnonzero(factors[:, held] == factors[face, held])
        found.append((int(scaled[rng.choice(alike, FACES)].var(axis=0).argmin()), int(held)))
    return found
