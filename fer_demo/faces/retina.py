"""RetinaFace with a MobileNet-0.25: boxes, points and scores for one view of a photo."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, UInt8

from fer_demo.faces.views import Box, View, covered, overlap

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WEIGHTS = Path(__file__).parents[1] / "assets/detector/retinaface.onnx"

# RetinaFace (Deng et al. 2020): two square anchors per cell of three grids, and the scale of its regressions.
_ANCHORS = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
_CENTRE_VARIANCE, _SIZE_VARIANCE = 0.1, 0.2
_MEAN_BGR = np.array([104.0, 117.0, 123.0], dtype=np.float32)
_MIRRORED_POINTS = [1, 0, 2, 4, 3]
SAME_FACE = 0.4  # two boxes that overlap more (intersection over union) show one face
_INSIDE, _MUCH_LARGER = 0.7, 4.0  # so do two of which one lies in the other, unless the surer one is much smaller


@dataclass(frozen=True, eq=False)
class DetectedFace:
    """A face found in a photo, in photo pixels.

    The points are the eye, nose tip and mouth corner on the picture's left and right once the face is upright: left
    eye, right eye, nose tip, left and right mouth corner.
    """

    box: Box
    points: Float[np.ndarray, "5 2"]
    score: float  # 0..1

    @property
    def area(self) -> float:
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


class RetinaFace:
    """The network, loaded when it is first asked."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._session: InferenceSession | None = None
        self._lock = threading.Lock()

    def faces(self, view: View, least: float, mirrored: bool) -> list[DetectedFace]:
        """Faces of a view in photo pixels, each once; seen twice over if `mirrored`, which halves the points' noise."""
        pixels = view.pixels
        views = np.stack([pixels, pixels[:, ::-1]]) if mirrored else pixels[None]
        found = [_strongest(*one, least) for one in zip(*self._forward(views), strict=True)]
        faces = _average(found[0], [_mirror(face, pixels.shape[1]) for face in found[1]]) if mirrored else found[0]
        return [DetectedFace(view.box_in_photo(one.box), view.points_in_photo(one.points), one.score) for one in faces]

    def _forward(self, views: UInt8[np.ndarray, "batch height width 3"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Boxes (B, A, 4), points (B, A, 5, 2) and scores (B, A) of all anchors, in pixels of the views."""
        planes = np.ascontiguousarray(views[..., ::-1].transpose(0, 3, 1, 2))  # while a value has one byte
        inputs = planes - _MEAN_BGR[:, None, None]
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


def _strongest(boxes: np.ndarray, points: np.ndarray, scores: np.ndarray, least: float) -> list[DetectedFace]:
    """The faces above a score, each once: weaker boxes that overlap a stronger one are dropped."""
    order = np.flatnonzero(scores > least)
    faces: list[DetectedFace] = []
    for index in order[np.argsort(-scores[order], kind="stable")]:  # of equal scores the first anchor, on any processor
        left, top, right, bottom = (float(value) for value in boxes[index])
        box = (left, top, right, bottom)
        if all(overlap(box, face.box) < SAME_FACE for face in faces):
            faces.append(DetectedFace(box, points[index].astype(np.float64), float(scores[index])))
    return faces


def distinct(faces: list[DetectedFace]) -> list[DetectedFace]:
    """Faces of several looks, the surest first and each once."""
    kept: list[DetectedFace] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if not any(_same(other, face) for other in kept):
            kept.append(face)
    return kept


def _same(surer: DetectedFace, other: DetectedFace) -> bool:
    """Whether they show one face, or the less sure one a part of the other."""
    inside = covered(surer.box, other.box) >= _INSIDE and other.area <= surer.area * _MUCH_LARGER
    return inside or overlap(surer.box, other.box) >= SAME_FACE


def _average(faces: list[DetectedFace], others: list[DetectedFace]) -> list[DetectedFace]:
    """Two lists of the same faces as one: those in both are averaged, which halves the noise of their points."""
    result, left_over = [], list(others)
    for face in faces:
        twin = max(left_over, key=lambda other: overlap(face.box, other.box), default=None)
        if twin is not None and overlap(face.box, twin.box) >= SAME_FACE:
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
