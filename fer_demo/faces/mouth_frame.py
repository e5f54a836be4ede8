"""The mouth frame: a small upright picture around the lips in which every face has the same scale."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from fer_demo.faces.alignment import fit_similarity
from fer_demo.faces.stable_frame import PLACES, STABLE

ROWS, COLUMNS = 48, 64  # pixels
WIDTH = 0.56  # of the stable frame's side
OUTER_LIPS = slice(48, 60)  # of the 68 iBUG landmarks, a closed line each
INNER_LIPS = slice(60, 68)


def to_mouth_frame(landmarks68: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "2 3"]:
    """From pixels of a picture to those of the mouth frame, whose middle is that of the outer lips.

    Raises: ImageError if the points of the stable frame coincide.
    """
    scale = COLUMNS / WIDTH
    matrix = fit_similarity(landmarks68[list(STABLE)], PLACES * scale)
    middle = landmarks68[OUTER_LIPS].mean(axis=0) @ matrix[:, :2].T
    return np.column_stack([matrix[:, :2], (COLUMNS / 2, ROWS / 2) - middle])
