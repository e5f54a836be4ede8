"""The blurred surface behind a head."""

from __future__ import annotations

import numpy as np

from fer_demo.synthetic.factors import Background
from fer_demo.synthetic.noise import SIDE, noise


def paint_background(background: Background, size: int) -> np.ndarray:
    """Linear RGB (size, size, 3) float32."""
    down, right = np.mgrid[0:size, 0:size] / size - 0.5
    share = (np.cos(background.angle) * right + np.sin(background.angle) * down + 0.5)[..., None]
    clouds = noise(4, background.pattern)
    rows = np.arange(size) * SIDE // size
    near, far = np.asarray(background.near), np.asarray(background.far)
    colour = (near * (1 - share) + far * share) * (1 + background.clouds * clouds[rows][:, rows, None])
    return np.clip(colour, 0.003, 1).astype(np.float32)
