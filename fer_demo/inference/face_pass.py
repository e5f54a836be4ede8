"""What the models say about every face of a dataset: found or not, expression, identity, pose; in short steps."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from fer_demo.data.pictures import SMALL
from fer_demo.data.records import FaceRecord
from fer_demo.data.sources import FaceSource
from fer_demo.errors import FerDemoError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import five_points
from fer_demo.faces.crops import FaceCrop, crop_or_whole
from fer_demo.faces.detection import DetectedFace, Detector
from fer_demo.images import to_colour, to_grey
from fer_demo.inference.identity import embed_crops
from fer_demo.inference.recognition import basic_probabilities, recognize
from fer_demo.metrics.head_pose import head_pose
from fer_demo.models.identity_embedder import DIMS
from fer_demo.published_model import PublishedModel

GROUP = 8  # faces that go through the models together: a third of a second on one core
ALIGNED = 2 * SMALL  # side of the aligned grey faces that are averaged, pixels


@dataclass(frozen=True)
class Examiners:
    """Who looks at the faces; without an embedder nothing is said about persons."""

    detector: Detector
    recognizer: PublishedModel
    embedder: PublishedModel | None


@dataclass(frozen=True, eq=False)
class FaceTable:
    """Answers for the first N pictures of a set; zero where `seen` is false."""

    seen: np.ndarray  # (N,) bool: the picture could be read
    found: np.ndarray  # (N,) bool: with a face in it
    probabilities: np.ndarray  # (N, 7) float32 in the order of BASIC
    descriptors: np.ndarray  # (N, 128) float32; (N, 0) without an embedder
    pose: np.ndarray  # (N, 3) float32 yaw, pitch, roll in degrees; NaN where no face was found
    aligned: np.ndarray  # (N, ALIGNED, ALIGNED) uint8

    def __len__(self) -> int:
        return len(self.seen)

    @property
    def answers(self) -> list[str | None]:
        """The most probable expression of each face; None where there is none."""
        tops = self.probabilities.argmax(axis=1)
        return [BASIC[top] if there else None for top, there in zip(tops, self.found, strict=True)]


@dataclass(eq=False)
class _Seen:
    """The answers for one group of pictures."""

    seen: list[bool] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)
    pose: list[np.ndarray] = field(default_factory=list)
    aligned: list[np.ndarray] = field(default_factory=list)
    crops: list[FaceCrop] = field(default_factory=list)  # of the readable ones


class FacePass:
    """Looks at the faces of a set group by group; it may pause anywhere, and what is done counts."""

    def __init__(self, source: FaceSource, examiners: Examiners) -> None:
        self.total, self.done = len(source), 0
        self._source, self._examiners = source, examiners
        self._parts: list[FaceTable] = []

    def advance(self, seconds: float = np.inf) -> None:
        """Go on for so long, or to the end; a group that was begun is finished."""
        end = time.perf_counter() + seconds
        while self.done < self.total and time.perf_counter() < end:
            stop = min(self.done + GROUP, self.total)
            self._parts.append(self._examine(range(self.done, stop)))
            self.done = stop

    def result(self) -> FaceTable:
        """The answers so far."""
        parts = self._parts or [self._examine(range(0))]
        names = ("seen", "found", "probabilities", "descriptors", "pose", "aligned")
        whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        self._parts = [FaceTable(**whole)]
        return self._parts[0]

    def _examine(self, rows: range) -> FaceTable:
        group = _Seen()
        for row in rows:
            self._look(row, group)
        count, seen = len(rows), np.array(group.seen, bool)
        probabilities = np.zeros((count, len(BASIC)), np.float32)
        embedder = self._examiners.embedder
        descriptors = np.zeros((count, 0 if embedder is None else DIMS), np.float32)
        if group.crops:
            answers = recognize(self._examiners.recognizer, group.crops, mirror=False)
            probabilities[seen] = [basic_probabilities(answer) for answer in answers]
            if embedder is not None:
                descriptors[seen] = embed_crops(embedder, group.crops)
        pose = np.array(group.pose, np.float32).reshape(count, 3)
        aligned = np.array(group.aligned, np.uint8).reshape(count, ALIGNED, ALIGNED)
        return FaceTable(seen, np.array(group.found, bool), probabilities, descriptors, pose, aligned)

    def _look(self, row: int, group: _Seen) -> None:
        try:
            record = self._source[row]
        except FerDemoError:
            group.seen.append(False)
            group.found.append(False)
            group.pose.append(np.full(3, np.nan))
            group.aligned.append(np.zeros((ALIGNED, ALIGNED), np.uint8))
            return
        crop = crop_of_record(record, self._examiners.detector)
        group.seen.append(True)
        group.found.append(crop.face is not None)
        group.pose.append(np.full(3, np.nan) if crop.face is None else _pose(record, crop.face))
        group.aligned.append(to_grey(crop.pixels(ALIGNED)))
        group.crops.append(crop)


def crop_of_record(record: FaceRecord, detector: Detector) -> FaceCrop:
    """The face of a record: by its landmarks if it has them, else the one that the detector finds."""
    if record.landmarks is None:
        return crop_or_whole(record.image, detector)
    low, high = record.landmarks.min(axis=0), record.landmarks.max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return FaceCrop(to_colour(record.image), DetectedFace(box, five_points(record.landmarks), 1.0))


def _pose(record: FaceRecord, face: DetectedFace) -> np.ndarray:
    return head_pose(face.points) if record.head_pose is None else record.head_pose
