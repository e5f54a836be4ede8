"""The face crop: what every model is given, cut from a photo once and rendered at any size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import UInt8

from fer_demo.errors import NoFaceError
from fer_demo.faces.alignment import align
from fer_demo.faces.detection import MOST_FACES, DetectedFace, Detector
from fer_demo.faces.quality import MANY_FACES, MOUTH_HIDDEN, quality_notes
from fer_demo.images import resize, to_colour

# Pixels of a photo that a visitor's page keeps: 12 MB, in which each of thirty pupils still fills a model's view.
KEPT_PIXELS = 4_000_000


@dataclass(frozen=True, eq=False)
class FaceCrop:
    """One face of a photo; `face` is None where the whole picture stands for it."""

    photo: UInt8[np.ndarray, "height width 3"]
    face: DetectedFace | None
    notes: tuple[str, ...] = ()  # doubts about its quality, in sentences
    _aligned: dict[int, np.ndarray] = field(default_factory=dict, init=False, repr=False)  # by size

    @property
    def mouth_hidden(self) -> bool:
        """Whether something seems to be before the mouth."""
        return MOUTH_HIDDEN in self.notes

    def pixels(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        """The face on the alignment template, or the middle square of the whole picture if no face is known.

        Made once for each size, and read-only.
        """
        if size not in self._aligned:
            made = self._render(size)
            made.setflags(write=False)
            self._aligned[size] = made
        return self._aligned[size]

    def _render(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        if self.face is not None:
            return align(self.photo, self.face.points, size)
        height, width = self.photo.shape[:2]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        return resize(np.ascontiguousarray(self.photo[top : top + side, left : left + side]), size)


def crop_faces(photo: UInt8[np.ndarray, "..."], detector: Detector) -> tuple[FaceCrop, ...]:
    """All faces of a photo, the largest first.

    Raises: NoFaceError if there is none.
    """
    photo = to_colour(photo)
    faces = detector.detect(photo)
    if not faces:
        raise NoFaceError("No face was found in this photo; try one where a face is larger and well lit.")
    about_all = (MANY_FACES,) if len(faces) >= MOST_FACES else ()
    return tuple(FaceCrop(photo, face, quality_notes(photo, face) + about_all) for face in faces)


def in_kept_size(crops: Sequence[FaceCrop]) -> tuple[FaceCrop, ...]:
    """The faces of one photo in a photo that may be kept: as large as it was, or of KEPT_PIXELS."""
    photo = crops[0].photo
    height, width = photo.shape[:2]
    if height * width <= KEPT_PIXELS:
        return tuple(crops)
    scale = math.sqrt(KEPT_PIXELS / (height * width))
    smaller = resize(photo, (int(height * scale), int(width * scale)))
    across, down = smaller.shape[1] / width, smaller.shape[0] / height
    return tuple(FaceCrop(smaller, _scaled(crop.face, across, down), crop.notes) for crop in crops)


def _scaled(face: DetectedFace | None, across: float, down: float) -> DetectedFace | None:
    if face is None:
        return None
    left, top, right, bottom = face.box
    points = face.points * np.array([across, down], face.points.dtype)
    return replace(face, box=(left * across, top * down, right * across, bottom * down), points=points)


def crop_or_whole(image: UInt8[np.ndarray, "..."], detector: Detector) -> FaceCrop:
    """The largest face of a picture, or the whole picture if none is found: for pictures known to show one face."""
    image = to_colour(image)
    faces = detector.detect(image)
    if not faces:
        return FaceCrop(image, None, ("No face was found, so the whole picture was used.",))
    return FaceCrop(image, faces[0], quality_notes(image, faces[0]))
