"""An edited crop back in its photo: whole, or only what the edit changed."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import UInt8

from fer_demo import images
from fer_demo.faces.alignment import paste_back, similarity
from fer_demo.faces.crops import FaceCrop

InPhoto = tuple[np.ndarray, np.ndarray]  # an edited face as Painter.paint gives it, and its whole photo (H, W, 3)


def in_colour(face: np.ndarray, crop: FaceCrop) -> UInt8[np.ndarray, "size size 3"]:
    """A face with the chroma of the person's own photo, aligned alike; one in colour is returned as it is."""
    return face if face.ndim == 3 else images.with_chroma_of(face, crop.pixels(face.shape[0]))


def pasted(crop: FaceCrop, face: np.ndarray) -> UInt8[np.ndarray, "height width 3"]:
    """The photo with the whole crop put in its place."""
    assert crop.face is not None
    return paste_back(crop.photo, in_colour(face, crop), crop.face.points)


def changed(crop: FaceCrop, face: np.ndarray) -> UInt8[np.ndarray, "height width 3"]:
    """The photo with what an edit changed of the crop added: no other pixel is resampled, and detail stays."""
    assert crop.face is not None
    both = crop.pixels(face.shape[0]), in_colour(face, crop)
    before, after = (paste_back(crop.photo, one, crop.face.points).astype(np.int16) for one in both)
    return np.clip(crop.photo + after - before, 0, 255).astype(np.uint8)


def side_in_photo(crop: FaceCrop) -> float:
    """The side of the crop where it lies in its photo, pixels: finer detail is not in the picture."""
    if crop.face is None:
        return float(min(crop.photo.shape[:2]))
    return 1.0 / math.hypot(*similarity(crop.face.points, 1)[:, 0])
