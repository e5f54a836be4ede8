"""The stable frame: faces laid over one another by what no expression moves, eye corners and the bridge of the nose."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from fer_demo.faces.alignment import TEMPLATE, fit_similarity

STABLE = (36, 39, 42, 45, 27, 28, 29, 30)  # of the 68 iBUG landmarks
# Where people have them on the template square on average, the same on both sides; fractions of its side.
PLACES = np.array([
    (0.275, 0.400), (0.404, 0.406), (0.596, 0.406), (0.725, 0.400),
    (0.500, 0.400), (0.500, 0.468), (0.500, 0.527), (0.500, 0.580),
])  # fmt: skip


def in_stable_frame(landmarks68: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "68 2"]:
    """The landmarks on the template square, in fractions of its side, whatever place and size the face has."""
    matrix = fit_similarity(landmarks68[list(STABLE)], PLACES)
    return landmarks68 @ matrix[:, :2].T + matrix[:, 2]


def stable_points(landmarks68: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "5 2"]:
    """The points of the picture that `align` lays on the template to cut a face on the stable frame.

    The real mouth corners and nose tip move with an expression, and the whole crop would with them.
    """
    matrix = fit_similarity(PLACES, landmarks68[list(STABLE)])
    return TEMPLATE @ matrix[:, :2].T + matrix[:, 2]
