"""One face of a dataset with everything that is known about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


# Records hold arrays, which have no single truth value: two records are equal only if they are the same one.
@dataclass(frozen=True, eq=False)
class FaceRecord:
    """A face picture and its labels; None where a dataset does not say."""

    image: np.ndarray  # (H, W) or (H, W, 3) uint8
    source: str  # the dataset's name
    key: str  # unique within the source
    expression: str | None = None  # one of expressions.WITH_CONTEMPT
    person: str | None = None
    votes: np.ndarray | None = None  # (10,) FER+ votes in the order of LABEL_ORDERS["ferplus"]
    landmarks: np.ndarray | None = None  # (68, 2) iBUG order, pixels of the stored image
    points: np.ndarray | None = None  # (5, 2) eyes, nose tip, mouth corners as the template has them, same pixels
    head_pose: np.ndarray | None = None  # (3,) yaw, pitch, roll in degrees; yaw > 0 turns to the picture's right
    units: np.ndarray | None = None  # (52,) facial units, ARKit's blendshapes, in 0..1
    attributes: Mapping[str, Any] = field(default_factory=dict)  # whatever else the dataset's columns say
