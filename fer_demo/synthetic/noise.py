"""Soft random patterns for textures: a few tileable fields, shifted by a seed, so that drawing one costs nothing."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

SIDE = 512


@lru_cache(maxsize=16)
def _field(cells: int) -> np.ndarray:
    """A tileable (SIDE, SIDE) float32 field of unit variance without detail finer than SIDE / cells pixels."""
    white = np.random.default_rng(cells).normal(size=(SIDE, SIDE))
    frequency = np.fft.fftfreq(SIDE, 1 / SIDE)
    squared = frequency[:, None] ** 2 + frequency[None, : SIDE // 2 + 1] ** 2
    spectrum = np.fft.rfft2(white) * np.exp(-squared / (2 * (cells / 2) ** 2))
    field = np.fft.irfft2(spectrum, (SIDE, SIDE))
    return ((field - field.mean()) / field.std()).astype(np.float32)


def noise(cells: int, seed: int) -> np.ndarray:
    """A (SIDE, SIDE) float32 pattern of zero mean and unit variance with about `cells` blobs across."""
    shift = np.random.default_rng([cells, seed]).integers(0, SIDE, 2)
    return np.roll(_field(cells), (int(shift[0]), int(shift[1])), (0, 1))
