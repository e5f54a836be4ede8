"""Where hair grows on the resting head, and other soft regions given by position."""

from __future__ import annotations

import numpy as np


def smooth_step(start: float, end: float, x: np.ndarray) -> np.ndarray:
    """Smooth step from 0 at `start` to 1 at `end`; runs backwards where start > end."""
    t = np.clip((x - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


def blob(points: np.ndarray, centre: tuple[float, float, float], radius: float) -> np.ndarray:
    """A Gaussian bump of height 1 at `centre` over points (..., 3)."""
    return np.exp(-((points - np.asarray(centre, np.float32)) ** 2).sum(-1) / radius**2)


def scalp_density(points: np.ndarray, hairline: float = 0.0) -> np.ndarray:
    """How much hair grows at resting positions (..., 3), 0..1; `hairline` > 0 recedes."""
    x, y, z = np.abs(points[..., 0]), points[..., 1], points[..., 2]
    back = smooth_step(0.30, -0.30, z)
    lower_end = 0.70 * (1 - back) - 0.42 * back + hairline
    lower_end = lower_end - 0.45 * smooth_step(0.40, 0.62, x) * smooth_step(0.45, 0.10, z) * (1 - back)
    ear = np.exp(-(((x - 0.80) / 0.16) ** 2 + ((y - 0.02) / 0.34) ** 2 + ((z + 0.22) / 0.30) ** 2))
    grown = smooth_step(0.0, 0.16, y - lower_end) * smooth_step(-0.75, -0.45, y)
    before_ear = smooth_step(-0.34, -0.16, z) * smooth_step(0.14, -0.08, y)  # sideburns end at the top of the ear
    beside_neck = smooth_step(0.40, 0.60, x) * smooth_step(-0.05, -0.25, y)
    grown = grown * (1 - before_ear) * (1 - beside_neck)
    return np.clip(grown - 1.4 * ear, 0, 1)
