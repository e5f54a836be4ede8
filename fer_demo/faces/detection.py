"""Faces in photos: where each is, and its five points; small, lying and upside-down ones too."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from jaxtyping import UInt8

from fer_demo.faces.retina import SAME_FACE, DetectedFace, RetinaFace, distinct
from fer_demo.faces.views import Box, View, cut, grown, overlap, squared, tiles, turned
from fer_demo.images import to_colour

__all__ = ["MOST_FACES", "DetectedFace", "Detector", "RetinaFaceDetector"]

MOST_FACES = 100  # of one photo, the surest

# A picture no larger than this is taken for a face crop.
_SMALL_PICTURE = 200
# (border around the picture in fractions of its side, longer side in pixels of what the network sees, least score).
# A crop gets the next look, wider or closer, only if the one before found nothing.
_CROP_LOOKS = ((0.2, 224, 0.5), (0.0, 192, 0.5), (0.4, 288, 0.4))
# (border, longer side) of looks at a photo: the usual one; one for a face that fills the frame; one for small faces.
_USUAL, _FULL_FRAME, _CLOSER = (0.0, 800), (0.25, 448), (0.0, 1600)
# The network needs so many pixels, which are 33 of the photo at this scale. A photo that the usual look shows smaller
# is searched in tiles too, also where a face was found.
_LEAST_WIDTH = 20
_TILE_SCALE, _LONGEST_TILE = 0.6, 1280
_SURELY_SEEN = 36  # pixels of a view that a face may be long, and is found in it
# What scores less than the second is believed only if a close look gives it the third; below the first it is nothing.
_CANDIDATE, _FOUND, _CONFIRMED = 0.2, 0.75, 0.9
# The close look at each face makes its points precise whatever its size, and shows which way up it is.
_CLOSE_CONTEXT, _CLOSE_SIDE, _CLOSE_LEAST = 0.2, 160, 0.5
# Of 700 upright faces, rendered and photographed, none scored more than this in a close look when it was turned by a
# quarter or a half, and two scored more than upright; for those the other way up must be surer by a margin.
_SURELY_UPRIGHT, _MARGIN = 0.998, 0.6
_ANYWHERE = 0.25  # overlap with the same face seen another way up
_TILTED = 20.0  # degrees from which the points are measured again on a view that is turned upright


class Detector(Protocol):
    """Anything that finds faces."""

    def detect(self, photo: UInt8[np.ndarray, "height width 3"]) -> tuple[DetectedFace, ...]:
        """All faces of an RGB photo, the largest first."""
        ...


class RetinaFaceDetector:
    """RetinaFace-0.25, asked again about small faces, about tilted ones and about photos that lie."""

    def __init__(self, threads: int = 2) -> None:
        self._network = RetinaFace(threads)

    def detect(self, photo: UInt8[np.ndarray, "height width 3"]) -> tuple[DetectedFace, ...]:
        """The faces of an RGB photo, the largest first and at most MOST_FACES; a tight crop of one is fine too."""
        photo = to_colour(photo)
        height, width = photo.shape[:2]
        faces = self._in_crop(photo) if max(height, width) <= _SMALL_PICTURE else self._in_photo(photo)
        inside = (_clipped(face, width, height) for face in faces)
        return tuple(sorted((face for face in inside if face.area > 0), key=lambda face: -face.area))

    def _in_crop(self, crop: np.ndarray) -> list[DetectedFace]:
        for border, side, least in _CROP_LOOKS:
            if faces := self._network.faces(cut(crop, grown(_whole(crop), border), side), least, mirrored=True):
                break
        surest = max(faces, key=lambda face: face.score, default=None)
        if surest is not None and surest.score >= _SURELY_UPRIGHT:
            return faces
        border, side, _ = _CROP_LOOKS[0]
        view = cut(crop, grown(_whole(crop), border), side)
        other = self._another_way_up(view, _whole(crop), 0.0, surest)
        return faces if other is surest or other is None else [self._upright(view, other)]

    def _in_photo(self, photo: np.ndarray) -> list[DetectedFace]:
        faces = self._found(photo, 0, _USUAL, large=True) or self._found(photo, 0, _FULL_FRAME)
        if faces:
            # In a photo that lies, the faces that are seen all the same say which way up it shows more.
            ways = {round(_roll(face) / 90) % 4 for face in faces} - {0}
            return distinct([*faces, *(face for way in ways for face in self._found(photo, way, _USUAL, large=True))])
        for way in (1, 3, 2):
            if faces := self._found(photo, way, _USUAL) or self._found(photo, way, _FULL_FRAME):
                return faces
        return self._found(photo, 0, _CLOSER) if _TILE_SCALE * max(photo.shape[:2]) < _CLOSER[1] else []

    def _found(self, photo: np.ndarray, way: int, look: tuple[float, int], large: bool = False) -> list[DetectedFace]:
        """Faces of a photo that is turned anticlockwise by `way` quarters; if `large`, with tiles where it is large."""
        border, side = look
        height, width = photo.shape[:2]
        views = [cut(photo, grown(_whole(photo), border), min(side, 2 * max(height, width)))]
        if large and _in_tiles(photo):
            missed = _SURELY_SEEN * max(height, width) / side
            for tile in tiles(height, width, _LONGEST_TILE / _TILE_SCALE, missed):
                views.append(cut(photo, tile, round(_TILE_SCALE * max(tile[2] - tile[0], tile[3] - tile[1]))))
        seen = [face for view in views for face in self._network.faces(turned(view, 90 * way), _CANDIDATE, False)]
        looked_at = (self._closer(photo, face, 90.0 * way) for face in distinct(seen)[: MOST_FACES * 3 // 2])
        return distinct([face for face in looked_at if face is not None])[:MOST_FACES]

    def _closer(self, photo: np.ndarray, face: DetectedFace, degrees: float) -> DetectedFace | None:
        """The same face measured on a view of its own, the right way up; None if it turns out not to be a face."""
        view = _close_view(photo, face)
        first = self._seen(turned(view, degrees), face.box, SAME_FACE, mirrored=True)
        best = first
        if first is None or first.score < _SURELY_UPRIGHT:
            best = self._another_way_up(view, face.box, degrees, first)
        if best is None:
            return face if face.score >= _FOUND else None
        if best is not first or abs(_angle(_roll(best) - degrees)) > _TILTED:
            best = self._upright(_close_view(photo, best), best)
        elif face.score >= _FOUND:
            return DetectedFace(best.box, best.points, face.score)
        return best if max(face.score, best.score) >= _CONFIRMED else None

    def _another_way_up(self, view: View, box: Box, degrees: float, first: DetectedFace | None) -> DetectedFace | None:
        """The face of a view as it is seen in one of the other three ways up, if it is plainer there."""
        best = first
        for quarter in (90.0, 180.0, 270.0):
            seen = self._seen(turned(view, degrees + quarter), box, _ANYWHERE, mirrored=False)
            if seen is not None and (
                best is None or 1 - seen.score < (1 - best.score) * (_MARGIN if best is first else 1)
            ):
                best = seen
        return best

    def _upright(self, view: View, face: DetectedFace) -> DetectedFace:
        """A tilted face measured on its view when that is turned upright."""
        looks = (turned(view, _roll(face) + quarter) for quarter in (0.0, 90.0, 180.0, 270.0))
        seen = (self._seen(look, face.box, _ANYWHERE, mirrored=True) for look in looks)
        return max((one for one in seen if one is not None), key=lambda one: one.score, default=face)

    def _seen(self, view: View, box: Box, least: float, mirrored: bool) -> DetectedFace | None:
        """The face in a view that fills a box of the photo best."""
        faces = self._network.faces(view, _CLOSE_LEAST, mirrored)
        best = max(faces, key=lambda face: overlap(box, face.box), default=None)
        return best if best is not None and overlap(box, best.box) >= least else None


def _whole(photo: np.ndarray) -> Box:
    return 0.0, 0.0, float(photo.shape[1]), float(photo.shape[0])


def _close_view(photo: np.ndarray, face: DetectedFace) -> View:
    return cut(photo, grown(squared(face.box), _CLOSE_CONTEXT), _CLOSE_SIDE)


def _in_tiles(photo: np.ndarray) -> bool:
    """Whether tiles may show faces that the usual look misses."""
    height, width = photo.shape[:2]
    return _TILE_SCALE * max(height, width) > _USUAL[1] and _TILE_SCALE * min(height, width) >= _LEAST_WIDTH


def _roll(face: DetectedFace) -> float:
    """Degrees by which a face is turned clockwise."""
    x, y = face.points[1] - face.points[0]
    return math.degrees(math.atan2(y, x))


def _angle(degrees: float) -> float:
    """The same angle from -180 to 180."""
    return (degrees + 180.0) % 360.0 - 180.0


def _clipped(face: DetectedFace, width: int, height: int) -> DetectedFace:
    left, top, right, bottom = face.box
    box = (max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom))
    return DetectedFace(box, face.points, face.score)
