"""The record of a study: what was asked, of which models, on which machine, and every number, as JSON and back."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np
import torch

from fer_demo import images
from fer_demo.capabilities import Guidance
from fer_demo.errors import CheckpointError, DataError, FerDemoError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.study.environment import describe_machine, describe_packages
from fer_demo.inference.study.run import Measured, RecognizedExpression, Study, StudyModels, numbers
from fer_demo.inference.study.synthetic_files import photo_bytes
from fer_demo.inference.transfer.interpolation import Factor
from fer_demo.inference.transfer.transfer import ALPHA_RANGE
from fer_demo.published.model import PublishedModel

RECORD_FILE = "study.json"
INPUTS = "inputs"  # the folder of the input pictures
FORMAT = "fer_demo study, version 3"
READABLE = ("fer_demo study, version 1", "fer_demo study, version 2", FORMAT)
SET_FORMAT = "fer_demo study set, version 1"  # several studies in one file, each in a folder of its own
MODEL_ROLES = ("editor", "judge", "embedder")


@dataclass(frozen=True)
class FaceRecord:
    """One input face: a file in the study, and where in it the face lies."""

    file: str
    sha256: str  # of the file
    box: tuple[float, ...] | None  # left, top, right, bottom in pixels; None where the whole picture was used
    points: tuple[tuple[float, ...], ...] | None  # the detector's five
    score: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ModelRecord:
    """One network: where it came from and exactly which weights."""

    method: str  # catalogue name of its class
    source: str  # catalogue name, folder or Hub id it was loaded by
    revision: str | None  # commit on the Hub
    sha256: str  # of the weights file
    calibrated: bool


@dataclass(frozen=True)
class StudyRecord:
    """Everything that a study's numbers follow from, and the numbers."""

    made: str  # UTC
    along: str
    steps: int
    start: str | None  # a basic expression, "face", or None for the source itself
    target: str  # a basic expression or "face"
    expression: str
    faces: Mapping[str, FaceRecord]  # by role
    models: Mapping[str, ModelRecord]  # by role; a study may lack an embedder
    threads: int
    machine: Mapping[str, str]
    packages: Mapping[str, str]
    numbers: Mapping[str, tuple[float | None, ...]]  # by column, one for each frame
    format: str = FORMAT
    reach: float = 1.0  # the last frame's amount; before version 2 every strip went the whole way
    reading: RecognizedExpression | None = None  # of the driver or the kept expression; None where it was named
    scaled_below: float = 0.0  # as in Study; before version 2 small edits were not scaled
    guidance: Guidance | None = None  # that the editor painted with; before version 3 its own, which is not recorded
    seeds: tuple[int, ...] = ()  # nothing in a walk is random

    def to_json(self) -> str:
        """As text; every float32 comes back exactly."""
        return json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> StudyRecord:
        """Raises: DataError if the text is not a record, or one of another version."""
        try:
            return cls.from_values(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise DataError(f"{RECORD_FILE} of this study cannot be used: {error}.") from error

    @classmethod
    def from_values(cls, values: Any) -> StudyRecord:
        """Raises: DataError as `from_json` does."""
        try:
            if values.get("format") not in READABLE:
                maker = values.get("packages", {}).get("fer_demo", "of another version")
                raise DataError(
                    f"fer_demo {maker} made it in the format {values.get('format')!r}, and this version reads "
                    f"{FORMAT!r}; replay it with that version"
                )
            values["faces"] = {role: _face_record(face) for role, face in values["faces"].items()}
            values["models"] = {role: ModelRecord(**model) for role, model in values["models"].items()}
            values["numbers"] = {name: tuple(column) for name, column in values["numbers"].items()}
            values["seeds"] = tuple(values["seeds"])
            if values.get("reading") is not None:
                values["reading"] = RecognizedExpression(**values["reading"])
            if values.get("guidance") is not None:
                values["guidance"] = Guidance(**values["guidance"])
            record = cls(**values)
            _check(record)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, FerDemoError) as error:
            raise DataError(f"{RECORD_FILE} of this study cannot be used: {error}.") from error
        return record

    def study(self, pictures: Mapping[str, bytes]) -> Study:
        """What was asked for, on the pictures by role.

        Raises: DataError if a picture is not the one that was recorded.
        """
        faces = {role: _face(face, pictures[role]) for role, face in self.faces.items()}
        start = faces["start"] if self.start == "face" else self.start
        target = faces["target"] if self.target == "face" else self.target
        along: Factor = "identity" if self.along == "identity" else "expression"
        asked = (self.expression, self.reach, self.reading, self.scaled_below, self.guidance)
        return Study(faces["source"], start, target, along, self.steps, *asked)


def set_to_json(records: Mapping[str, StudyRecord]) -> str:
    """The records of a set by their folders, as text."""
    studies = {folder: dataclasses.asdict(record) for folder, record in records.items()}
    return json.dumps({"format": SET_FORMAT, "studies": studies}, indent=1, ensure_ascii=False) + "\n"


def records_from_json(text: str) -> dict[str, StudyRecord]:
    """The records of a study file by their folders; a study alone lies in no folder.

    Raises: DataError if the text is neither a record nor a set of them.
    """
    try:
        values: Any = json.loads(text)
        if not isinstance(values, dict) or values.get("format") != SET_FORMAT:
            return {"": StudyRecord.from_values(values)}
        if not values["studies"]:
            raise DataError(f"{RECORD_FILE} of this study set names no study.")
        return {str(folder): StudyRecord.from_values(study) for folder, study in values["studies"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"{RECORD_FILE} of this study cannot be used: {error}.") from error


def record_study(
    study: Study, models: StudyModels, measured: Measured, folder: str = INPUTS
) -> tuple[StudyRecord, dict[str, bytes]]:
    """The record of a study that was run, and its input pictures as PNG files by their names in the study.

    folder: where the pictures are; the studies of a set share those of one person.

    Raises: CheckpointError for a model that was never loaded from anywhere.
    """
    names = {role: f"{folder}/{role}.png" for role in study.faces}
    files = {names[role]: photo_bytes(crop.photo) for role, crop in study.faces.items()}
    faces = {role: _record_face(crop, files[names[role]], names[role]) for role, crop in study.faces.items()}
    networks = {"editor": models.editor, "judge": models.judge, "embedder": models.embedder}
    record = StudyRecord(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        along=study.along,
        steps=study.steps,
        start="face" if isinstance(study.start, FaceCrop) else study.start,
        target="face" if isinstance(study.target, FaceCrop) else study.target,
        expression=study.expression,
        faces=faces,
        models={role: _record_model(model) for role, model in networks.items() if model is not None},
        threads=torch.get_num_threads(),
        machine=describe_machine(),
        packages=describe_packages(),
        numbers={name: _plain(column) for name, column in numbers(measured).items()},
        reach=study.reach,
        reading=study.reading,
        scaled_below=study.scaled_below,
        guidance=measured.guidance,
    )
    return record, files


def _record_face(crop: FaceCrop, content: bytes, name: str) -> FaceRecord:
    face = crop.face
    return FaceRecord(
        file=name,
        sha256=hashlib.sha256(content).hexdigest(),
        box=None if face is None else tuple(float(edge) for edge in face.box),
        points=None if face is None else tuple((float(x), float(y)) for x, y in face.points),
        score=None if face is None else float(face.score),
        notes=crop.notes,
    )


def _record_model(model: PublishedModel) -> ModelRecord:
    if model.origin is None:
        raise CheckpointError("A model that was not loaded from a checkpoint cannot be studied; save it and load it.")
    origin = model.origin
    return ModelRecord(model.method, origin.source, origin.revision, origin.sha256, model.calibration is not None)


def _plain(column: np.ndarray) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else float(value) for value in column)


def _face_record(values: Mapping[str, Any]) -> FaceRecord:
    box, points = values["box"], values["points"]
    if (box is None) != (points is None) or (box is not None and (len(box), np.shape(points)) != (4, (5, 2))):
        raise DataError("a face needs a box of four edges and five points")
    typed = {
        "box": None if box is None else tuple(float(edge) for edge in box),
        "points": None if points is None else tuple((float(x), float(y)) for x, y in points),
        "notes": tuple(values["notes"]),
    }
    return FaceRecord(**{**values, **typed})


def _check(record: StudyRecord) -> None:
    """Raises: DataError where the values contradict each other."""
    ends = {role for role in ("start", "target") if getattr(record, role) == "face"}
    read = record.reading or RecognizedExpression(record.expression, 1.0)
    names = {record.expression, record.start or "neutral", record.target, read.expression} - {"face"}
    low, high = ALPHA_RANGE
    problems = {
        "it lacks a face": set(record.faces) != {"source", *ends},
        "its files have other names than ours": any(
            not re.fullmatch(rf"{INPUTS}/([\w.-]+/)?{role}\.png", str(face.file)) for role, face in record.faces.items()
        ),
        "it lacks a model": not {"editor", "judge"} <= set(record.models) <= set(MODEL_ROLES),
        "it names an unknown expression": not names <= set(BASIC),
        "its reach or reading is not a number": not (
            all(_is_number(value) for value in (record.reach, record.scaled_below, read.probability))
            and low <= record.reach <= high
        ),
        "it walks along something unknown": record.along not in get_args(Factor),
        "its columns have not one number a frame": any(len(c) != record.steps for c in record.numbers.values()),
        "a number is none": any(not _is_number(value) for c in record.numbers.values() for value in c),
        "a model has no source": any(not isinstance(model.source, str) for model in record.models.values()),
        "its number of threads is none": not isinstance(record.threads, int) or not 1 <= record.threads <= 1024,
    }
    if found := [sentence for sentence, wrong in problems.items() if wrong]:
        raise DataError(found[0])


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _face(record: FaceRecord, content: bytes) -> FaceCrop:
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise DataError(f"{record.file} of this study is not the picture that was recorded; its SHA-256 is another.")
    try:
        photo = images.load_photo(content)
    except FerDemoError as error:
        raise DataError(f"{record.file} of this study: {error}") from error
    if record.box is None or record.points is None:
        return FaceCrop(photo, None, record.notes)
    left, top, right, bottom = record.box
    face = DetectedFace((left, top, right, bottom), np.array(record.points, np.float64), record.score or 0.0)
    return FaceCrop(photo, face, record.notes)
