"""Replay: a study run again from its file, and how far its numbers are reproduced."""

from __future__ import annotations

import functools
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from fer_demo import images
from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError, DataError, FerDemoError
from fer_demo.faces.detection import Detector, RetinaFaceDetector
from fer_demo.inference.study.environment import describe_machine, describe_packages
from fer_demo.inference.study.record import RECORD_FILE, ModelRecord, StudyRecord, records_from_json
from fer_demo.inference.study.run import Measured, StudyModels, numbers, run_study
from fer_demo.published.model import PublishedModel

LARGEST_FILE = 300_000_000  # bytes of one file in a study: what is larger, no study of ours holds
# Other processors and versions add in another order: a grey level may round the other way, and what is measured on
# the frame follows. Largest differences that count as the same result; the others are probabilities and distances.
FRAME_TOLERANCE = 2  # grey levels
TOLERANCE, OTHER_TOLERANCES = 0.01, {"pose_drift": 1.0, "brightness_drift": 0.1}


@dataclass(frozen=True)
class Replay:
    """What became of a study's numbers."""

    differences: Mapping[str, float]  # the largest by column; infinite where one side has no number
    frames: int  # the largest difference of two pixels, grey levels
    changed: tuple[str, ...]  # what differs from the machine and versions of the study
    studies: int = 1  # how many there are in the file

    @property
    def exact(self) -> bool:
        """Whether every number and every pixel is the same."""
        return self.frames == 0 and not any(self.differences.values())

    @property
    def within_tolerance(self) -> bool:
        """Whether the differences are no larger than those of another machine."""
        near = [value <= OTHER_TOLERANCES.get(name, TOLERANCE) for name, value in self.differences.items()]
        return self.frames <= FRAME_TOLERANCE and all(near)

    @property
    def reproduced(self) -> bool:
        """Exactly on the same machine, within the tolerance elsewhere."""
        return self.exact or (bool(self.changed) and self.within_tolerance)

    def sentences(self) -> tuple[str, ...]:
        """What was compared and what differs, the verdict last."""
        worst = max(self.differences, key=lambda name: self.differences[name])
        compared = f"{len(self.differences)} columns of numbers and all frames"
        sentences = [f"{compared}{'' if self.studies == 1 else f' of {self.studies} studies'} were compared."]
        if self.changed:
            sentences.append(f"Other than in the study: {'; '.join(self.changed)}.")
        most = f"{self.differences[worst]:.2g} ({worst})"
        apart = f"frames differ by up to {self.frames} grey levels, numbers by up to {most}"
        tolerance = (
            f"{FRAME_TOLERANCE} grey levels; {TOLERANCE} for probabilities and distances, "
            f"{OTHER_TOLERANCES['pose_drift']:g} degree of pose, {OTHER_TOLERANCES['brightness_drift']:g} of brightness"
        )
        if self.exact:
            sentences.append("Every number is reproduced exactly.")
        elif self.reproduced:
            sentences.append(f"Reproduced within the tolerance of other machines ({tolerance}): {apart}.")
        elif self.changed:
            sentences.append(f"Not reproduced: {apart}, beyond the tolerance of other machines ({tolerance}).")
        else:
            sentences.append(f"Not reproduced: {apart}, on the same machine, where nothing may differ.")
        return tuple(sentences)


def replay(path: Path, detector: Detector | None = None) -> Replay:
    """Run a study again with the models it names; `detector` replaces RetinaFace in tests.

    Raises: DataError for a damaged file or another one, CheckpointError if a model is missing or has other weights.
    """
    load = functools.cache(_load)
    replays = [_replayed(recorded, load, detector) for recorded in _read(path)]
    differences: dict[str, float] = {}
    for one in replays:
        differences |= {name: max(value, differences.get(name, 0.0)) for name, value in one.differences.items()}
    changed = tuple(dict.fromkeys(sentence for one in replays for sentence in one.changed))
    return Replay(differences, max(one.frames for one in replays), changed, len(replays))


def frame_file(number: int, count: int) -> str:
    """The name of one frame in a study of `count`."""
    return f"frames/frame_{number:0{max(2, len(str(count - 1)))}d}.png"


class _Recorded(NamedTuple):
    """One study as it lies in its file."""

    record: StudyRecord
    pictures: dict[str, bytes]  # by role
    frames: np.ndarray


def _replayed(recorded: _Recorded, load: Callable[[ModelRecord], PublishedModel], detector: Detector | None) -> Replay:
    record = recorded.record
    study = record.study(recorded.pictures)
    loaded = {role: load(model) for role, model in record.models.items()}
    before = torch.get_num_threads()
    torch.set_num_threads(record.threads)
    try:
        models = StudyModels(
            loaded["editor"], loaded["judge"], loaded.get("embedder"), detector or RetinaFaceDetector(record.threads)
        )
        measured = run_study(study, models)
    finally:
        torch.set_num_threads(before)
    return Replay(_differences(record, measured), _apart(recorded.frames, measured.strip.frames), _changed(record))


def _read(path: Path) -> list[_Recorded]:
    try:
        with zipfile.ZipFile(path) as archive:
            if RECORD_FILE not in archive.namelist():
                raise DataError(f"{path.name} is not a study of fer_demo: it holds no {RECORD_FILE}.")
            records = records_from_json(_content(archive, RECORD_FILE).decode("utf-8"))
            return [_recorded(archive, folder, record) for folder, record in records.items()]
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.") from None
    except DataError:
        raise
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, RuntimeError, FerDemoError) as error:
        raise DataError(f"{path.name} is damaged or not a study of fer_demo ({error}).") from error


def _recorded(archive: zipfile.ZipFile, folder: str, record: StudyRecord) -> _Recorded:
    pictures = {role: _content(archive, face.file) for role, face in record.faces.items()}
    place = f"{folder}/" if folder else ""
    names = [place + frame_file(number, record.steps) for number in range(record.steps)]
    return _Recorded(record, pictures, np.stack([images.load_photo(_content(archive, name)) for name in names]))


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST_FILE:
        raise DataError(f"{name} is larger than anything a study holds.")
    return archive.read(name)


def _load(wanted: ModelRecord) -> PublishedModel:
    model = load_model(wanted.source, wanted.revision)
    found = model.origin.sha256 if model.origin is not None else ""
    if found != wanted.sha256:
        raise CheckpointError(
            f"This study was made with other weights of {wanted.source} ({wanted.sha256[:12]}, here {found[:12]}), so "
            "its numbers cannot be reproduced; install the version of fer_demo that it names "
            "in study.json, or bring the checkpoint back."
        )
    return model


def _differences(record: StudyRecord, measured: Measured) -> dict[str, float]:
    again = numbers(measured)
    found = {}
    for name in dict.fromkeys([*record.numbers, *again]):
        if name not in again or name not in record.numbers:
            found[name] = np.inf
            continue
        before = np.array(record.numbers[name], np.float64)  # None becomes NaN
        difference = np.abs(before - again[name])
        one_sided = np.isnan(before) != np.isnan(again[name])
        found[name] = float(np.where(one_sided, np.inf, np.nan_to_num(difference)).max())
    return found


def _apart(before: np.ndarray, again: np.ndarray) -> int:
    if before.shape != again.shape:
        return 255
    return int(np.abs(before.astype(np.int16) - again).max())


def _changed(record: StudyRecord) -> tuple[str, ...]:
    here = {**describe_machine(), **describe_packages()}
    there = {**record.machine, **record.packages}
    names = dict.fromkeys([*there, *here])
    return tuple(
        f"{name} {here.get(name, 'none')} for {there.get(name, 'none')}"
        for name in names
        if here.get(name) != there.get(name)
    )
