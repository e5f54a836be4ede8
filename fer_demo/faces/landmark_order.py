"""The order of the 68 iBUG landmarks in a mirror."""

from __future__ import annotations

import numpy as np

_LEFT_AND_RIGHT = (
    *((a, 16 - a) for a in range(8)),
    *((a, 43 - a) for a in range(17, 22)),
    (31, 35), (32, 34), (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46),
    (48, 54), (49, 53), (50, 52), (55, 59), (56, 58), (60, 64), (61, 63), (65, 67),
)  # fmt: skip
MIRRORED = np.arange(68)  # the landmark that each is on the mirrored face
for _left, _right in _LEFT_AND_RIGHT:
    MIRRORED[[_left, _right]] = _right, _left
