"""How people move their landmarks: two pictures of each, from CK+, London and LFW, read by the editor's own reader."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from fer_demo.data.loading import load_fer2013, load_lfw, load_parquet
from fer_demo.expressions import BASIC, NEUTRAL
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import Detector
from fer_demo.images import to_grey, to_tensor
from fer_demo.layers.frames import moved_by
from fer_demo.models.landmark_editor import LandmarkEditor, to_stable_frame
from training.data.augmentation import plain_views
from training.data.face_set import UNKNOWN, build_face_set, held_out, number_persons
from training.data.posed_faces import POSED_SETS, posed_file
from training.data.splits import is_stranger, teaches

_DRIVERS = 4_000  # about how many of FER2013's faces drive
_AHEAD = 12.0  # degrees: heads of LFW turned and nodded less look ahead


@dataclass(frozen=True)
class ReadFaces:
    """N pictures as the reader sees them."""

    shapes: Float[Tensor, "faces 68 2"]  # landmarks on the stable frame, which is 2 wide
    units: Float[Tensor, "faces 52"]
    person: Int[Tensor, " faces"]
    expression: Int[Tensor, " faces"]  # index into BASIC; UNKNOWN for what has no prototype or no label

    def __len__(self) -> int:
        return len(self.shapes)

    def select(self, chosen: Tensor) -> ReadFaces:
        return ReadFaces(*(getattr(self, part.name)[chosen] for part in fields(self)))


def joined(first: ReadFaces, second: ReadFaces) -> ReadFaces:
    """Both, one after the other."""
    return ReadFaces(
        *(torch.cat([getattr(faces, part.name) for faces in (first, second)]) for part in fields(ReadFaces))
    )


@dataclass(frozen=True)
class Couples:
    """Pairs of pictures of one person: the row that is edited, and the row that is the truth."""

    source: Int[Tensor, " pairs"]
    truth: Int[Tensor, " pairs"]

    def __len__(self) -> int:
        return len(self.source)


class PosedPictures(NamedTuple):
    """N pictures of people who posed, as `read_faces` takes them."""

    faces: Float[Tensor, "faces 1 size size"]  # in [-1, 1]
    person: Int[Tensor, " faces"]
    expression: Int[Tensor, " faces"]  # as in ReadFaces


def posed_pictures(size: int, data: Path, detector: Detector) -> PosedPictures:
    """The people of CK+ and London who may teach.

    Raises: DataError if a set is missing.
    """
    crops, names, shown = [], [], []
    for name in POSED_SETS:
        for record in load_parquet(posed_file(data, name)):
            if teaches(str(record.person)):
                crops.append(to_grey(crop_or_whole(record.image, detector).pixels(size)))
                names.append(f"{name} {record.person}")
                shown.append(str(record.expression))
    numbers = number_persons(names)
    return PosedPictures(
        to_tensor(np.stack(crops), 1),
        torch.tensor([numbers[name] for name in names]),
        torch.tensor([BASIC.index(name) if name in BASIC else UNKNOWN for name in shown]),
    )


def people_of_lfw(model: LandmarkEditor, data: Path) -> ReadFaces:
    """Everybody of LFW who looks ahead in two photographs or more, without the strangers of the evaluation."""
    lfw = load_lfw(data)
    names = lfw.column("person")
    ahead = [pose is not None and max(abs(pose[0]), abs(pose[1])) < _AHEAD for pose in lfw.column("head_pose")]
    kept = [row for row, name in enumerate(names) if ahead[row] and not is_stranger(str(name))]
    counted = Counter(names[row] for row in kept)
    source = lfw.select(np.array([row for row in kept if counted[names[row]] > 1]))
    faces = build_face_set(source, model.config.size, number_persons([str(name) for name in source.column("person")]))
    return read_faces(model, plain_views(faces.crops, model.config.size), faces.person, faces.expression)


def drivers_of_fer2013(model: LandmarkEditor, data: Path) -> ReadFaces:
    """Faces of FER2013 with their expressions, spread over the training split without its validation cut."""
    fer = load_fer2013(data, "train")
    clean = ~(np.array(fer.column("in_other_split"), dtype=bool) | held_out(fer))
    rows = np.flatnonzero(clean)
    faces = build_face_set(fer.select(rows[:: max(len(rows) // _DRIVERS, 1)]), model.config.size)
    return read_faces(model, plain_views(faces.crops, model.config.size), faces.person, faces.expression)


@torch.inference_mode()
def read_faces(
    model: LandmarkEditor, faces: Float[Tensor, "faces 1 size size"], person: Tensor, expression: Tensor
) -> ReadFaces:
    """What the reader finds in pictures."""
    read = [model.read(part) for part in faces.split(64)]
    landmarks, units = (torch.cat(parts).clone() for parts in zip(*read, strict=True))
    return ReadFaces(moved_by(to_stable_frame(landmarks), landmarks), units, person, expression)


def couples_of(faces: ReadFaces) -> Couples:
    """Every ordered pair of different pictures of one person."""
    same = faces.person[:, None] == faces.person[None]
    same.fill_diagonal_(False)
    source, truth = same.nonzero(as_tuple=True)
    return Couples(source, truth)


def to_and_from_neutral(faces: ReadFaces) -> Couples:
    """Pairs of a person of which one picture is at rest."""
    pairs = couples_of(faces)
    rest = faces.expression == NEUTRAL
    kept = rest[pairs.source] != rest[pairs.truth]
    return Couples(pairs.source[kept], pairs.truth[kept])


def chances(faces: ReadFaces, pairs: Couples) -> Float[Tensor, " pairs"]:
    """How often each pair is drawn, so that every person counts the same, whatever the number of their pictures."""
    people = faces.person[pairs.source]
    return 1 / torch.bincount(people).float()[people]


def posed_counts(data: Path) -> dict[str, int]:
    """How many pictures of each posed set may teach."""
    return {
        name: sum(teaches(str(person)) for person in load_parquet(data / "pairs" / f"{name}.parquet").column("person"))
        for name in POSED_SETS
    }
