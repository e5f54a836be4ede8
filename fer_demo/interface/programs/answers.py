"""What the verbs answer: frozen dataclasses, which the API describes by their JSON schema."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import gradio as gr
from pydantic import TypeAdapter

from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.leakage.disentanglement import Disentanglement

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels of the photo that was sent


@dataclass(frozen=True)
class FoundFace:
    """Where a face is."""

    box: Box
    points: list[tuple[float, float]]  # left eye, right eye, nose tip, left and right mouth corner, in pixels
    score: float  # how sure the detector is, 0 to 1
    notes: list[str]  # doubts about its quality, in sentences


@dataclass(frozen=True)
class RecognizedFace:
    """What a face shows."""

    box: Box | None  # None where the whole picture stands for the face
    answer: str  # "votes" or "label"
    words: str
    expression: str
    probabilities: dict[str, float]  # by expression, together 1
    sets: dict[str, list[str]]  # names for 80, 90 and 95 %; empty for a model that is not calibrated
    people_disagree: bool | None  # None for a label
    notes: list[str]


@dataclass(frozen=True)
class CheckedMap:
    """One check that a map was put to."""

    name: str
    figure: float  # of a curve: how far ahead of the best rival, in shares of the range; else a rank correlation
    passed: bool
    words: str


@dataclass(frozen=True)
class ExplainedFace:
    """Where an answer about a face comes from, and whether that can be believed."""

    box: Box | None
    model: str
    method: str
    answer: str  # "votes" or "label"
    question: str  # what is explained, such as "happy and not surprise"
    word: str  # "faithful", "weak", "fails" or "no evidence"
    sentence: str
    checks: list[CheckedMap]  # none where there is no evidence


@dataclass(frozen=True)
class ChangedFace:
    """What would have to change in a face for another label."""

    box: Box | None
    model: str
    wanted: str
    before: str  # the label of the face as it is
    after: str  # that of the changed face; another one than wanted if no step was found
    step: float  # how long the step is, in units
    movements: dict[str, float]  # by movement, -1 to 1, the largest first
    sentence: str
    second_opinion: str  # of a recognizer that had no say, in a sentence; empty if there is none
    identity: str  # whether it is still the same person, in a sentence


@dataclass(frozen=True)
class EncodedFace:
    """Both codes of a face."""

    box: Box | None
    identity: list[float]
    expression: list[float]


@dataclass(frozen=True)
class Size:
    """How large an expression is beside that of real people."""

    natural_size: float | None  # 1.0 is as far as people move their mouths; None where it was not measured


@dataclass(frozen=True)
class MeasuredWalk:
    """All that is measured on the frames of an interpolation."""

    model: str
    judge: str  # the recognizer that read the frames
    expression: str  # the one that is wanted, or that the judge read in the driver
    columns: dict[str, list[float | None]]  # one number for each frame by the name of what was measured


@dataclass(frozen=True)
class Neighbour:
    """A face of the map with a similar code."""

    key: str
    distance: float  # between the codes
    expression: str | None
    person: str | None


@dataclass(frozen=True)
class Spot:
    """A place on one map."""

    x: float
    y: float
    overlap: float  # share of a face's neighbours in the code that are its neighbours here
    together: bool  # whether the nearest faces lie together, so that the place means something


@dataclass(frozen=True)
class PlacedInSpace:
    """A face among those of a map by one kind of code."""

    spots: dict[str, Spot]  # by the method that made the map
    nearest: list[Neighbour]  # nearest first
    lonelier_than: float  # share of the map's faces that have a nearer neighbour
    far: bool  # whether it is unlike all of them, so that its neighbours say little


@dataclass(frozen=True)
class ProjectedFace:
    """Where a face lies on the maps of a model's codes."""

    map: str
    model: str
    box: Box | None
    spaces: dict[str, PlacedInSpace]  # by the kind of code: identity, expression, and what they are compared with


@dataclass(frozen=True)
class ModelLeakage:
    """What can be read from which code of a model."""

    model: str
    findings: list[str]  # sentences
    measured: Disentanglement


@dataclass(frozen=True)
class WrongRow:
    """One thing that is wrong with one row of a dataset."""

    row: int
    key: str
    split: str | None
    expression: str | None
    problem: str
    reason: str


@dataclass(frozen=True)
class AuditedSet:
    """What is wrong with a dataset."""

    report: dict[str, Any]  # as report.json of the batch command, without what only models and the clean set say
    findings: list[WrongRow]  # the first thousand; `report` counts all of them


class Answer(gr.JSON):
    """Hands over a dataclass, or a list of them, and tells programs its JSON schema."""

    def __init__(self, kind: Any, label: str) -> None:
        """kind: what the handler returns, such as list[FoundFace]."""
        self._kind = kind
        super().__init__(label=label)

    def api_info(self) -> dict[str, Any]:
        return TypeAdapter(self._kind).json_schema()

    def postprocess(self, value: Any) -> Any:
        return super().postprocess(None if value is None else _plain(value))

    def get_block_name(self) -> str:
        return "json"


def _plain(value: Any) -> Any:
    return [dataclasses.asdict(one) for one in value] if isinstance(value, list) else dataclasses.asdict(value)


def box_of(crop: FaceCrop) -> Box | None:
    """The box of a face crop to a tenth of a pixel; None where the whole picture stands for the face."""
    return None if crop.face is None else box_of_face(crop.face)


def box_of_face(face: DetectedFace) -> Box:
    """The box of a face to a tenth of a pixel."""
    left, top, right, bottom = (round(float(edge), 1) for edge in face.box)
    return left, top, right, bottom
