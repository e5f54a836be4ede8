"""The regions of a face, drawn by its landmarks."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float

from fer_demo.errors import SettingsError
from fer_demo.faces.alignment import similarity
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.landmarks import find_landmarks
from fer_demo.layers.contours import signed_distance
from fer_demo.published.model import PublishedModel

# The closed lines of each region, in iBUG order; what two of them cover belongs to the one named first.
OUTLINES = {
    "mouth": (range(48, 60),),
    "eyes": (range(36, 42), range(42, 48)),
    "brows": (range(17, 22), range(22, 27)),
    "nose": ((27, 31, 32, 33, 34, 35),),
    "jaw": (range(3, 14),),
}
REST = "the rest"  # cheeks, forehead and background
REGIONS = (*OUTLINES, REST)
_GROWN = 0.1  # of the distance of the eyes: how far a region goes beyond its line


def regions_of_crop(crop: FaceCrop, landmarker: PublishedModel, size: int) -> Bool[np.ndarray, "regions size size"]:
    """The REGIONS of an aligned face of this side; every pixel belongs to exactly one.

    Raises: SettingsError if no face was found in the picture.
    """
    if crop.face is None:
        raise SettingsError("No face was found in this picture, so its regions are not known; use occlusion instead.")
    points = crop.face.points
    landmarks = find_landmarks(landmarker, [crop.photo], [points])[0]
    matrix = similarity(points, size)
    return draw_regions(landmarks @ matrix[:, :2].T + matrix[:, 2], size)


def draw_regions(landmarks: Float[np.ndarray, "68 2"], size: int) -> Bool[np.ndarray, "regions size size"]:
    """The REGIONS of a square picture with these landmarks, in its pixels."""
    apart = float(np.linalg.norm(landmarks[42:48].mean(axis=0) - landmarks[36:42].mean(axis=0)))
    free = np.ones((size, size), dtype=bool)
    drawn = []
    for lines in OUTLINES.values():
        polygons = [torch.from_numpy(landmarks[list(line)]).float()[None] for line in lines]
        depth = np.max([signed_distance(polygon, size, size)[0].numpy() for polygon in polygons], axis=0)
        drawn.append(free & (depth > -_GROWN * apart))
        free &= ~drawn[-1]
    return np.stack([*drawn, free])
