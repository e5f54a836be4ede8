"""The iBUG 68 landmarks as vertices of the head mesh."""

from __future__ import annotations

import numpy as np

# Vertices of the subdivided mesh, chosen on the resting head. They stay with the skin: the jaw line is the head's own,
# not the outline that a turned head shows. Left and right are the picture's.
_JAW = (
    1801,
    1765,
    1768,
    736,
    1863,
    892,
    743,
    1856,
    732,
    4104,
    3042,
    3173,
    4110,
    3035,
    4021,
    4018,
    4052,
)  # left ear to chin to right ear
_BROWS = (212, 178, 16360, 180, 209, 2563, 2535, 18646, 2533, 2566)  # left to right
_NOSE = (
    134,
    1627,
    201,
    297,  # bridge to tip
    347,
    331,
    312,
    2672,
    2687,
)  # base, left to right
_EYES = (
    15,
    1563,
    55,
    1076,
    1576,
    36,  # left eye from its left corner, clockwise
    3347,
    2418,
    3823,
    2378,
    2399,
    3836,
)  # right eye
_LIPS = (
    425,
    1918,
    456,
    455,
    2794,
    4162,
    2764,  # outer edge from the left corner
    2745,
    2820,
    492,
    486,
    406,
    433,
    471,
    474,
    2806,
    2772,  # inner edge
    2844,
    523,
    518,
)
LANDMARK_VERTICES = np.array([*_JAW, *_BROWS, *_NOSE, *_EYES, *_LIPS])


def face_box(landmarks68: np.ndarray) -> tuple[float, float, float, float]:
    """Box around the landmarks, raised by a third to take in the forehead: left, top, right, bottom in pixels."""
    left, top = landmarks68.min(0)
    right, bottom = landmarks68.max(0)
    return float(left), float(top - (bottom - top) / 3), float(right), float(bottom)
