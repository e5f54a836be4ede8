"""Faces in photos: where each is, and its five points."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from jaxtyping import Float, UInt8

from fer_demo.images import resize, to_colour

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WEIGHTS = Path(__file__).parents[1] / "assets/detector/retinaface.onnx"

# RetinaFace (Deng et al. 2020): two square anchors per cell of three grids, and the scale of its regressions.
_ANCHORS = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
_CENTRE_VARIANCE, _SIZE_VARIANCE = 0.1, 0.2
_MEAN_BGR = np.array([104.0, 117.0, 123.0], dtype=np.float32)
_SAME_FACE = 0.4  # two boxes that overlap more (intersection over union) show one face

# A picture no larger than this is taken for a face crop.
_SMALL_PICTURE = 200
# (border around the picture in fractions of its side, longer side in pixels of what the network sees, least score).
# The next look is taken only if the one before found nothing: in crops, a wider and a closer look; in photos, the
# usual one, one with a border for a face that fills the frame, and one for small faces.
_CROP_LOOKS = ((0.2, 224, 0.5), (0.0, 192, 0.5), (0.4, 288, 0.4))
_PHOTO_LOOKS = ((0.0, 800, 0.75), (0.25, 448, 0.75), (0.0, 1600, 0.75))
# A second, closer look at each face of a photo makes its points precise whatever its size.
_CLOSE_CONTEXT, _CLOSE_SIDE, _CLOSE_FACES = 0.2, 160, 8
_MIRRORED_POINTS = [1, 0, 2, 4, 3]


@dataclass(frozen=True, eq=False)
class DetectedFace:
    """A face found in a photo, in photo pixels.

    The points are picture-left eye, picture-right eye, nose tip, picture-left and picture-right mouth corner.
    """

    box: tuple[float, float, float, float]  # left, top, right, bottom
    points: Float[np.ndarray, "5 2"]
    score: float  # 0..1

    @property
    def area(self) -> float:
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


class Detector(Protocol):
    """Anything that finds faces."""

    def detect(self, photo: UInt8[np.ndarray, "height width 3"]) -> tuple[DetectedFace, ...]:
        """All faces of an RGB photo, the largest first."""
        ...


class RetinaFaceDetector:
    """RetinaFace with a MobileNet-0.25; its network is loaded when the first photo comes."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._session: InferenceSession | None = None
        self._lock = threading.Lock()

    def detect(self, photo: UInt8[np.ndarray, "height width 3"]) -> tuple[DetectedFace, ...]:
        """All faces of an RGB photo, the largest first; a tight crop of one face is fine too."""
        photo = to_colour(photo)
        height, width = photo.shape[:2]
        whole = (0.0, 0.0, float(width), float(height))
        is_crop = max(height, width) <= _SMALL_PICTURE
        faces: list[DetectedFace] = []
        for border, side, least in _CROP_LOOKS if is_crop else _PHOTO_LOOKS:
            if not is_crop:  # enlarging a picture further shows nothing new
                side = min(side, 2 * max(height, width))
            faces = self._look(photo, _grown(whole, border), side, least, mirrored=is_crop)
            if faces:
                break
        if not is_crop:
            faces.sort(key=lambda face: -face.area)
            faces = [self._closer(photo, face) for face in faces[:_CLOSE_FACES]] + faces[_CLOSE_FACES:]
        return tuple(sorted((_clipped(face, width, height) for face in faces), key=lambda face: -face.area))

    def _closer(self, photo: np.ndarray, face: DetectedFace) -> DetectedFace:
        """The same face with its points measured on a view of its own."""
        region = _grown(_squared(face.box), _CLOSE_CONTEXT)
        seen = self._look(photo, region, _CLOSE_SIDE, 0.5, mirrored=True)
        best = max(seen, key=lambda other: _overlap(face.box, other.box), default=face)
        if _overlap(face.box, best.box) < _SAME_FACE:
            return face
        return DetectedFace(best.box, best.points, face.score)

    def _look(
        self, photo: np.ndarray, region: Sequence[float], side: int, least: float, mirrored: bool
    ) -> list[DetectedFace]:
        """Faces in one region of the photo, scaled so that its longer side is `side`; twice over if `mirrored`."""
        pixels, scale = _view(photo, region, side)
        views = np.stack([pixels, pixels[:, ::-1]]) if mirrored else pixels[None]
        boxes, points, scores = self._forward(views)
        found = [_strongest(*one, least) for one in zip(boxes, points, scores, strict=True)]
        faces = _average(found[0], [_mirror(face, pixels.shape[1]) for face in found[1]]) if mirrored else found[0]
        return [_moved(face, scale, region[0], region[1]) for face in faces]

    def _forward(self, views: UInt8[np.ndarray, "batch height width 3"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Boxes (B, A, 4), points (B, A, 5, 2) and scores (B, A) of all anchors, in pixels of the views."""
        inputs = np.ascontiguousarray((views[..., ::-1] - _MEAN_BGR).transpose(0, 3, 1, 2))
        offsets, confidences, point_offsets = self._network().run(None, {"input": inputs})
        centres, sizes = _anchors(*views.shape[1:3])
        middle = centres + offsets[..., :2] * (_CENTRE_VARIANCE * sizes)
        half = 0.5 * sizes * np.exp(offsets[..., 2:] * _SIZE_VARIANCE)
        boxes = np.concatenate([middle - half, middle + half], axis=-1)
        shifts = point_offsets.reshape(*point_offsets.shape[:2], 5, 2) * (_CENTRE_VARIANCE * sizes[:, None])
        return boxes, centres[:, None] + shifts, confidences[..., 1]

    def _network(self) -> InferenceSession:
        with self._lock:
            if self._session is None:
                from onnxruntime import InferenceSession, SessionOptions  # here, so that `--help` need not wait for it

                options = SessionOptions()
                options.intra_op_num_threads = self._threads
                # Otherwise idle threads spin and take the processor from the models that run next.
                options.add_session_config_entry("session.intra_op.allow_spinning", "0")
                self._session = InferenceSession(WEIGHTS, options, providers=["CPUExecutionProvider"])
            return self._session


@lru_cache(maxsize=16)
def _anchors(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Centres (A, 2) and sizes (A, 1) of all anchors, row by row, in pixels."""
    centres, sizes = [], []
    for stride, sides in _ANCHORS:
        rows, columns = np.mgrid[0 : -(-height // stride), 0 : -(-width // stride)]
        cells = (np.column_stack([columns.ravel(), rows.ravel()]) + 0.5) * stride
        centres.append(np.repeat(cells, len(sides), axis=0))
        sizes.append(np.tile(sides, len(cells)))
    return np.concatenate(centres).astype(np.float32), np.concatenate(sizes).astype(np.float32)[:, None]


def _view(photo: np.ndarray, region: Sequence[float], side: int) -> tuple[np.ndarray, float]:
    """A region scaled to `side` on its longer side, and the scale; what lies beyond the photo is its mean colour."""
    left, top, right, bottom = region
    scale = side / max(right - left, bottom - top)
    width, height = round((right - left) * scale), round((bottom - top) * scale)
    rows = slice(max(0, round(top)), min(photo.shape[0], round(bottom)))
    columns = slice(max(0, round(left)), min(photo.shape[1], round(right)))
    seen = photo[rows, columns]
    shape = (max(1, round(seen.shape[0] * scale)), max(1, round(seen.shape[1] * scale)))
    seen = resize(np.ascontiguousarray(seen), shape)
    if shape == (height, width):
        return seen, scale
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = seen.mean(axis=(0, 1))
    y, x = max(0, round((rows.start - top) * scale)), max(0, round((columns.start - left) * scale))
    seen = seen[: height - y, : width - x]
    canvas[y : y + seen.shape[0], x : x + seen.shape[1]] = seen
    return canvas, scale


def _strongest(boxes: np.ndarray, points: np.ndarray, scores: np.ndarray, least: float) -> list[DetectedFace]:
    """The faces above a score, each once: weaker boxes that overlap a stronger one are dropped."""
    order = np.flatnonzero(scores > least)
    faces: list[DetectedFace] = []
    for index in order[np.argsort(-scores[order])]:
        left, top, right, bottom = (float(value) for value in boxes[index])
        box = (left, top, right, bottom)
        if all(_overlap(box, face.box) < _SAME_FACE for face in faces):
            faces.append(DetectedFace(box, points[index].astype(np.float64), float(scores[index])))
    return faces


def _average(faces: list[DetectedFace], others: list[DetectedFace]) -> list[DetectedFace]:
    """Two lists of the same faces as one: those in both are averaged, which halves the noise of their points."""
    result, left_over = [], list(others)
    for face in faces:
        twin = max(left_over, key=lambda other: _overlap(face.box, other.box), default=None)
        if twin is not None and _overlap(face.box, twin.box) >= _SAME_FACE:
            left_over.remove(twin)
            left, top, right, bottom = ((a + b) / 2 for a, b in zip(face.box, twin.box, strict=True))
            points, score = (face.points + twin.points) / 2, (face.score + twin.score) / 2
            face = DetectedFace((left, top, right, bottom), points, score)
        result.append(face)
    return result + left_over


def _mirror(face: DetectedFace, width: int) -> DetectedFace:
    left, top, right, bottom = face.box
    points = (face.points * (-1, 1) + (width, 0))[_MIRRORED_POINTS]
    return DetectedFace((width - right, top, width - left, bottom), points, face.score)


def _moved(face: DetectedFace, scale: float, left: float, top: float) -> DetectedFace:
    """A face from the pixels of a view to those of the photo."""
    box = (np.array(face.box) / scale + (left, top, left, top)).tolist()
    return DetectedFace((box[0], box[1], box[2], box[3]), face.points / scale + (left, top), face.score)


def _clipped(face: DetectedFace, width: int, height: int) -> DetectedFace:
    left, top, right, bottom = face.box
    box = (max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom))
    return DetectedFace(box, face.points, face.score)


def _grown(box: Sequence[float], border: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    extra = border * max(right - left, bottom - top)
    return left - extra, top - extra, right + extra, bottom + extra


def _squared(box: Sequence[float]) -> tuple[float, float, float, float]:
    x, y, half = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, max(box[2] - box[0], box[3] - box[1]) / 2
    return x - half, y - half, x + half, y + half


def _overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared)
