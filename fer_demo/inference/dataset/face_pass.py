"""What the models say about every face of a dataset: found or not, expression, identity, pose; in short steps."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fer_demo.data.pictures import SMALL
from fer_demo.data.records import FaceRecord
from fer_demo.data.sources import FaceSource
from fer_demo.errors import FerDemoError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import given_points
from fer_demo.faces.crops import FaceCrop, crop_or_whole
from fer_demo.faces.detection import DetectedFace, Detector
from fer_demo.faces.quality import NO_LANDMARKS
from fer_demo.images import to_colour, to_grey
from fer_demo.inference.identity import embed_both_ways
from fer_demo.inference.recognize.probabilities import basic_probabilities, recognize
from fer_demo.metrics.head_pose import head_pose
from fer_demo.models.identity_embedder import DIMS
from fer_demo.published.model import PublishedModel

_log = logging.getLogger(__name__)
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
    misplaced: np.ndarray  # (N,) bool: the points that come with the picture do not form a face
    troubles: Mapping[int, str] = field(default_factory=dict)  # by row: why a picture that can be read has no answer

    def __len__(self) -> int:
        return len(self.seen)

    @property
    def answers(self) -> list[str | None]:
        """The most probable expression of each face; None where there is none."""
        tops = self.probabilities.argmax(axis=1)
        return [BASIC[top] if there else None for top, there in zip(tops, self.found, strict=True)]


@dataclass(frozen=True, eq=False)
class _Seen:
    """One picture as the models are to see it."""

    crop: FaceCrop
    pose: np.ndarray  # (3,)
    aligned: np.ndarray  # (ALIGNED, ALIGNED)


class FacePass:
    """Looks at the faces of a set group by group; it may pause anywhere, and what is done counts."""

    def __init__(self, source: FaceSource, examiners: Examiners) -> None:
        self.total, self.done = len(source), 0
        self._source, self._examiners = source, examiners
        self._parts: list[FaceTable] = []
        self._troubles: dict[int, str] = {}

    def advance(self, seconds: float = np.inf) -> None:
        """Go on for so long, or to the end; a group that was begun is finished."""
        end = time.perf_counter() + seconds
        while self.done < self.total and time.perf_counter() < end:
            stop = min(self.done + GROUP, self.total)
            self._parts.append(self._examine(range(self.done, stop)))
            self.done = stop

    def result(self) -> FaceTable:
        """The answers so far."""
        parts = self._parts or [self._blank(0)]
        names = ("seen", "found", "probabilities", "descriptors", "pose", "aligned", "misplaced")
        whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        self._parts = [FaceTable(**whole, troubles=dict(self._troubles))]
        return self._parts[0]

    def _examine(self, rows: range) -> FaceTable:
        views = [self._look(row) for row in rows]
        there = [place for place, view in enumerate(views) if view is not None]
        crops = [view.crop for view in views if view is not None]
        try:
            answers = [(place, *answer) for place, answer in zip(there, self._answers(crops), strict=True)]
        except Exception:  # somebody's picture; alone, each of them answers for itself
            alone = ((place, self._alone(rows[place], crop)) for place, crop in zip(there, crops, strict=True))
            answers = [(place, *answer) for place, found in alone for answer in found]
        table = self._blank(len(rows))
        for place, probabilities, descriptor in answers:
            view = views[place]
            assert view is not None
            table.seen[place], table.found[place] = True, view.crop.face is not None
            table.probabilities[place], table.descriptors[place] = probabilities, descriptor
            table.pose[place], table.aligned[place] = view.pose, view.aligned
            table.misplaced[place] = NO_LANDMARKS in view.crop.notes
        return table

    def _blank(self, count: int) -> FaceTable:
        dims = 0 if self._examiners.embedder is None else DIMS
        return FaceTable(
            seen=np.zeros(count, bool),
            found=np.zeros(count, bool),
            probabilities=np.zeros((count, len(BASIC)), np.float32),
            descriptors=np.zeros((count, dims), np.float32),
            pose=np.full((count, 3), np.nan, np.float32),
            aligned=np.zeros((count, ALIGNED, ALIGNED), np.uint8),
            misplaced=np.zeros(count, bool),
        )

    def _look(self, row: int) -> _Seen | None:
        """A picture with its face; None if it cannot be read or looked at."""
        try:
            record = self._source[row]
        except FerDemoError:
            return None  # the check of the pictures says why
        try:
            crop = crop_of_record(record, self._examiners.detector)
            pose = np.full(3, np.nan) if crop.face is None else _pose(record, crop.face)
            return _Seen(crop, pose, to_grey(crop.pixels(ALIGNED)))
        except Exception as error:
            self._trouble(row, error)
            return None

    def _answers(self, crops: Sequence[FaceCrop]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Probabilities and descriptor of each face."""
        if not crops:
            return iter(())
        found = recognize(self._examiners.recognizer, crops, mirror=False)
        embedder = self._examiners.embedder
        known = np.zeros((len(crops), 0)) if embedder is None else embed_both_ways(embedder, crops)
        return zip([basic_probabilities(answer) for answer in found], known, strict=True)

    def _alone(self, row: int, crop: FaceCrop) -> list[tuple[np.ndarray, np.ndarray]]:
        try:
            return list(self._answers([crop]))
        except Exception as error:
            self._trouble(row, error)
            return []

    def _trouble(self, row: int, error: Exception) -> None:
        if not isinstance(error, FerDemoError):
            _log.exception("Row %d of %s could not be looked at", row, self._source.name)
        reason = str(error) if isinstance(error, FerDemoError) else f"{type(error).__name__}: {error}"
        self._troubles[row] = f"the models could not look at it ({reason})"


def crop_of_record(record: FaceRecord, detector: Detector) -> FaceCrop:
    """The face of a record: by the points that come with it if they form a face, else the one that is found."""
    points = given_points(record.points, record.landmarks, record.image.shape)
    if points is not None:
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        box = (float(left), float(top), float(right), float(bottom))
        return FaceCrop(to_colour(record.image), DetectedFace(box, points, 1.0))
    found = crop_or_whole(record.image, detector)
    if record.points is None and record.landmarks is None:
        return found
    return replace(found, notes=(NO_LANDMARKS, *found.notes))


def _pose(record: FaceRecord, face: DetectedFace) -> np.ndarray:
    return head_pose(face.points) if record.head_pose is None else record.head_pose
