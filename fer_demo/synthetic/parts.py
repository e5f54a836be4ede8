"""Which material a triangle is made of, and what a pixel of a rendering shows."""

from __future__ import annotations

from enum import IntEnum

# Materials. Plain integers because compiled code treats them as constants; the first six are the head asset's own.
SKIN, LEFT_EYE, RIGHT_EYE, UPPER_TEETH, LOWER_TEETH, TONGUE = range(6)
LASHES, HAIR_SHELL, HAIR_SHEET, FRAME = 7, 8, 9, 10
LAST_CLOSED = TONGUE  # surfaces up to here are closed: their back faces are never seen


class Segment(IntEnum):
    """Values of `Rendering.segmentation`."""

    BACKGROUND = 0
    SKIN = 1
    EYE = 2
    MOUTH_INSIDE = 3
    LASHES = 4
    HAIR = 5
    CLOTHING = 6
    GLASSES = 7
