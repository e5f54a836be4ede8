"""Landmarks of faces in photos, found alike in every picture so that two pictures of one person can be compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, UInt8

from fer_demo.errors import CheckpointError
from fer_demo.faces.alignment import align, similarity
from fer_demo.faces.landmark_order import MIRRORED
from fer_demo.faces.stable_frame import stable_points
from fer_demo.images import to_colour, to_tensor
from fer_demo.models.face_landmarker import FaceLandmarker
from fer_demo.published.model import PublishedModel

AT_ONCE = 32


def as_landmarker(model: PublishedModel) -> FaceLandmarker:
    """The same model, known to find landmarks.

    Raises: CheckpointError if it cannot.
    """
    if not isinstance(model, FaceLandmarker):
        raise CheckpointError(f"{type(model).__name__} finds no landmarks; load the face_landmarker.")
    return model


def find_landmarks(
    model: PublishedModel, photos: Sequence[UInt8[np.ndarray, "..."]], points: Sequence[Float[np.ndarray, "5 2"]]
) -> Float[np.ndarray, "photos 68 2"]:
    """The 68 landmarks in pixels of each photo whose face has these five points.

    Looked at twice: the detector's points move with the mouth, so the second look is cut by eyes and nose alone.
    """
    landmarker = as_landmarker(model)
    return look_again(model, photos, _look(landmarker, photos, points))


def look_again(
    model: PublishedModel, photos: Sequence[UInt8[np.ndarray, "..."]], landmarks: Float[np.ndarray, "photos 68 2"]
) -> Float[np.ndarray, "photos 68 2"]:
    """The 68 landmarks of each photo where about these were found, in it or in the photo that it was edited from."""
    return _look(as_landmarker(model), photos, [stable_points(one) for one in landmarks])


@torch.inference_mode()
def _look(model: FaceLandmarker, photos: Sequence[np.ndarray], points: Sequence[np.ndarray]) -> np.ndarray:
    """One look at each face and at its mirror image."""
    config = model.config
    below = max(0, config.chip_top + config.size - config.template)
    margin, side = below / config.template, config.template + 2 * below
    corner = np.array((config.chip_left + below, config.chip_top + below))
    found = []
    for start in range(0, len(photos), AT_ONCE):
        pairs = list(zip(photos[start : start + AT_ONCE], points[start : start + AT_ONCE], strict=True))
        squares = np.stack([to_colour(align(photo, five, side, margin)) for photo, five in pairs])
        chips = to_tensor(squares, 3)[:, :, corner[1] :, corner[0] :][:, :, : config.size, : config.size]
        chips = chips.to(model.device)
        seen, flipped = (model.landmarks(view).float().cpu().numpy() for view in (chips, chips.flip(3)))
        flipped = flipped * (-1, 1) + (1, 0)
        places = (seen + flipped[:, MIRRORED]) / 2 * config.size + corner
        for place, (_, five) in zip(places, pairs, strict=True):
            matrix = similarity(five, side, margin)
            found.append((place - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T)
    return np.stack(found)
