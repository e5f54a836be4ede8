"""The lines of a pixel regression as pictures: how much of each pixel of the face stays, and what is added to it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from PIL import Image

LESS, STAYS, MORE = (230, 120, 0), (255, 255, 255), (0, 105, 148)  # colours, which the legend names
SIDE = 512  # pixels of the drawings


def stays_picture(weight: Float[np.ndarray, "size size"]) -> np.ndarray:
    """How much of the face's own pixel is in the result: (SIDE, SIDE, 3) uint8; 1 is STAYS, 0 and less LESS."""
    return _drawn(weight - 1, 1.0)


def added_picture(bias: Float[np.ndarray, "size size"]) -> np.ndarray:
    """What everybody gets, in [-1, 1]: (SIDE, SIDE, 3) uint8; the largest change has the full colour."""
    return _drawn(bias, max(float(np.abs(bias).max()), 1e-6))


def _drawn(change: np.ndarray, most: float) -> np.ndarray:
    share = np.clip(np.abs(change) / most, 0, 1)[..., np.newaxis]
    colour = np.where(change[..., np.newaxis] < 0, np.array(LESS), np.array(MORE))
    drawn = (STAYS + share * (colour - np.array(STAYS))).round().astype(np.uint8)
    return np.asarray(Image.fromarray(drawn).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
