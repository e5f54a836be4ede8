"""A study: one walk with all that it depends on, so that it can be run again and give the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fer_demo.capabilities import Guidance
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import similarity
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import Detector
from fer_demo.inference.recognize.probabilities import basic_probabilities, recognize
from fer_demo.inference.study.tables import STUDY_COLUMNS, study_rows
from fer_demo.inference.transfer.frame_drift import Drift, strip_drift
from fer_demo.inference.transfer.guidance import GUIDANCE_COLUMNS, guidance_cells, guidance_of, guided
from fer_demo.inference.transfer.interpolation import Factor, Strip, interpolate
from fer_demo.inference.transfer.painters import SCALED_BELOW
from fer_demo.inference.transfer.transfer import Direction, direction_to
from fer_demo.inference.transfer.true_pairs import natural_size
from fer_demo.published.model import PublishedModel

FRAME_COLUMNS = (
    *STUDY_COLUMNS,
    "identity_distance_to_target",
    "step",
    "pose_drift",
    "brightness_drift",
    "stray",
    "natural_size",
    *GUIDANCE_COLUMNS,
)
_ROOM = 0.3  # of the template square on each side, kept around a face: where its crop may reach


@dataclass(frozen=True, eq=False)
class StudyModels:
    """The networks of a study."""

    editor: PublishedModel
    judge: PublishedModel
    embedder: PublishedModel | None
    detector: Detector  # finds the points of which the head's pose is read


@dataclass(frozen=True)
class RecognizedExpression:
    """What the judge read in the face whose expression is wanted or, along identity, kept."""

    expression: str  # a basic one
    probability: float


@dataclass(frozen=True, eq=False)
class Study:
    """The settings of a walk, as `interpolate` takes them."""

    source: FaceCrop
    start: FaceCrop | str | None
    target: FaceCrop | str
    along: Factor
    steps: int
    expression: str  # the basic expression that the walk should reach or, along identity, keep
    reach: float = 1.0  # how far the last frame goes; at 1 the editor has gone the whole way
    reading: RecognizedExpression | None = None  # None where the expression is given by name
    scaled_below: float = SCALED_BELOW  # as the painters'; 0 in studies made before they had it
    guidance: Guidance | None = None  # None is the editor's own

    @property
    def driver_label(self) -> str | None:
        """The driver's expression, where somebody corrected the judge."""
        corrected = self.reading is not None and self.expression != self.reading.expression
        return self.expression if corrected and self.along == "expression" else None

    @property
    def faces(self) -> dict[str, FaceCrop]:
        """The faces it is made of, by their roles."""
        ends = {"source": self.source, "start": self.start, "target": self.target}
        return {role: end for role, end in ends.items() if isinstance(end, FaceCrop)}


@dataclass(frozen=True, eq=False)
class Measured:
    """A strip and its drift."""

    strip: Strip
    drift: Drift
    size: float | None = None  # how large such an edit is at amount 1 beside real people, if that was measured
    guidance: Guidance | None = None  # that the editor painted with; None of one that has none


def study_of(
    judge: PublishedModel,
    source: FaceCrop,
    start: FaceCrop | str | None,
    target: FaceCrop | str,
    along: Factor,
    steps: int,
    reach: float = 1.0,
    label: str | None = None,
    guidance: Guidance | None = None,
) -> Study:
    """The study of a walk.

    Where no expression is named, the judge reads which one the driver or the source shows; `label` corrects it.
    """
    if isinstance(target, str):
        return Study(source, start, target, along, steps, target, reach, guidance=guidance)
    reading = read_expression(judge, source if along == "identity" else target)
    return Study(source, start, target, along, steps, label or reading.expression, reach, reading, guidance=guidance)


def read_expression(judge: PublishedModel, face: FaceCrop) -> RecognizedExpression:
    """The basic expression that the judge finds most probable."""
    seen = basic_probabilities(recognize(judge, [face])[0])
    return RecognizedExpression(BASIC[int(seen.argmax())], float(seen.max()))


def study_direction(study: Study, editor: PublishedModel) -> Direction | None:
    """From the source's own expression to the wanted one; None for a walk that begins or goes elsewhere."""
    if study.along == "identity" or study.start is not None:
        return None
    return direction_to(editor, study.source, study.target, study.driver_label)


def run_study(study: Study, models: StudyModels, direction: Direction | None = None) -> Measured:
    """Walk and measure; nothing in it is random. `direction` is the study's own, if it is known already.

    Raises: what `interpolate` does.
    """
    editor = guided(models.editor, study.guidance)
    strip = interpolate(
        editor,
        models.judge,
        study.source,
        study.start,
        study.target,
        study.steps,
        study.along,
        models.embedder,
        reach=study.reach,
        scaled_below=study.scaled_below,
        direction=direction or study_direction(study, editor),
    )
    drift = strip_drift(strip, study.expression, models.detector, models.embedder)
    return Measured(strip, drift, _size(study, editor), guidance_of(editor))


def enclosed(study: Study) -> Study:
    """The same study with its photos cut to the faces that take part, so that nobody else's face is passed on."""
    start, target = (_cut(end) if isinstance(end, FaceCrop) else end for end in (study.start, study.target))
    assert target is not None
    return replace(study, source=_cut(study.source), start=start, target=target)


def numbers(measured: Measured) -> dict[str, np.ndarray]:
    """Everything measured: (T,) float32 by column, NaN where a frame has no value; without unmeasured columns."""
    strip, found = measured.strip, measured.drift
    columns: dict[str, np.ndarray | None] = {
        "alpha": strip.alphas,
        **{name: strip.probabilities[:, row] for row, name in enumerate(BASIC)},
        "identity_similarity": strip.identity_similarity,
        "identity_distance": None if strip.identity is None else strip.identity.distances,
        "identity_distance_to_target": None if strip.identity_to_target is None else strip.identity_to_target.distances,
        "step": None if found.steps is None else np.concatenate([[np.nan], found.steps]),
        "pose_drift": found.pose,
        "brightness_drift": found.brightness,
        "stray": found.stray,
    }
    return {name: np.asarray(values, np.float32) for name, values in columns.items() if values is not None}


def frame_rows(measured: Measured) -> Sequence[tuple[str, ...]]:
    """One row of FRAME_COLUMNS per frame; what was not measured is empty."""
    known = numbers(measured)
    if measured.size is not None:  # follows from the amount, so it need not be reproduced by itself
        alphas = measured.strip.alphas
        known["natural_size"] = np.where(alphas < 0, np.nan, alphas * measured.size).astype(np.float32)
    more = FRAME_COLUMNS[len(STUDY_COLUMNS) : -len(GUIDANCE_COLUMNS)]
    extra, guidance = [known.get(name) for name in more], guidance_cells(measured.guidance)
    return [
        (
            *row,
            *("" if column is None or np.isnan(column[frame]) else f"{column[frame]:.4f}" for column in extra),
            *guidance,
        )
        for frame, row in enumerate(study_rows(measured.strip))
    ]


def _size(study: Study, editor: PublishedModel) -> float | None:
    """The natural size at amount 1 of walks towards an expression that begin at the source's own."""
    if study.along == "identity" or study.start is not None:
        return None
    found = natural_size(editor, study.expression, isinstance(study.target, FaceCrop), 1.0)
    return None if found is None else found.value


def _cut(crop: FaceCrop) -> FaceCrop:
    """The crop in as much of its photo as it reads."""
    height, width = crop.photo.shape[:2]
    if crop.face is None:
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        return replace(crop, photo=np.ascontiguousarray(crop.photo[top : top + side, left : left + side]))
    corners = np.array([(x, y) for x in (-_ROOM, 1 + _ROOM) for y in (-_ROOM, 1 + _ROOM)])
    forward = similarity(crop.face.points, 1)
    inside = (corners - forward[:, 2]) @ np.linalg.inv(forward[:, :2]).T
    left, top = np.maximum(np.floor(inside.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(inside.max(axis=0)).astype(int), (width, height))
    x, y, to_x, to_y = crop.face.box
    face = replace(crop.face, points=crop.face.points - (left, top), box=(x - left, y - top, to_x - left, to_y - top))
    return replace(crop, photo=np.ascontiguousarray(crop.photo[top:bottom, left:right]), face=face)
