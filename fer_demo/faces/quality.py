"""What about a face in a photo may make the answer less reliable."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import UInt8

from fer_demo.faces.alignment import align, similarity
from fer_demo.faces.detection import DetectedFace
from fer_demo.images import to_grey

_SIDE = 96  # sharpness and light are judged on a grey crop of this side
_SMALL_EYE_DISTANCE = 12.0  # photo pixels between the eyes
_TURNED = 0.22  # the nose's distance from the middle of the eyes, along the eye line, in eye distances
_TILTED = 30.0  # degrees of roll
_BLURRED = 3.0  # mean absolute Laplacian of the crop, in grey levels
_DARK, _FLAT = 45.0, 12.0  # mean and standard deviation of the crop, in grey levels
_BRIGHT = 225.0
_CUT_OFF = 0.45  # part of the crop that lies beyond the photo


def quality_notes(photo: UInt8[np.ndarray, "..."], face: DetectedFace) -> tuple[str, ...]:
    """One sentence for each doubt about this face: small, turned, tilted, blurred, badly lit, cut off by the edge."""
    crop = to_grey(align(photo, face.points, _SIDE)).astype(np.float32)
    eyes = face.points[1] - face.points[0]
    distance = math.hypot(*eyes)
    notes = []
    if distance < _SMALL_EYE_DISTANCE:
        notes.append("This face is small in the photo, so fine details are missing.")
    nose_shift = float((face.points[2] - face.points[:2].mean(axis=0)) @ eyes) / distance**2
    if abs(nose_shift) > _TURNED:
        notes.append("This face is turned to the side, so half of its expression is hard to see.")
    if abs(math.degrees(math.atan2(eyes[1], eyes[0]))) > _TILTED:
        notes.append("This face is tilted; it was turned upright first.")
    if distance >= _SMALL_EYE_DISTANCE and _sharpness(crop) < _BLURRED:
        notes.append("This face is blurred, so the answer rests on its coarse shape.")
    if crop.mean() < _DARK:
        notes.append("This face is dark; more light would help.")
    elif crop.mean() > _BRIGHT or crop.std() < _FLAT:
        notes.append("This face has little contrast; a more evenly lit photo would help.")
    if _part_beyond(photo, face) > _CUT_OFF:
        notes.append("This face is cut off by the edge of the photo, and the missing part was filled in.")
    return tuple(notes)


def _sharpness(grey: np.ndarray) -> float:
    inner = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float(np.abs(around - 4 * inner).mean())


def _part_beyond(photo: np.ndarray, face: DetectedFace) -> float:
    """The part of the aligned crop, 0..1, that lies beyond the photo."""
    forward = similarity(face.points, 1)
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 21), np.linspace(0, 1, 21)), axis=-1).reshape(-1, 2)
    x, y = np.linalg.solve(forward[:, :2], (grid - forward[:, 2]).T)
    height, width = photo.shape[:2]
    return float(1.0 - ((x >= 0) & (y >= 0) & (x <= width) & (y <= height)).mean())
