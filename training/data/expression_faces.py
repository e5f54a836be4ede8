"""Which faces a recipe learns from and which it is chosen by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from fer_demo.data.loading import load_bundled, load_fer2013, load_lfw, load_parquet
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import RetinaFaceDetector
from training.data.face_set import UNKNOWN, FaceSet, build_face_set, concatenate, held_out
from training.data.posed_faces import posed_faces
from training.data.splits import is_stranger

FAINT = 0.3  # synthetic expressions below this intensity are too close to neutral to carry their label


@dataclass(frozen=True)
class ExpressionFaces:
    """Labelled faces for recognition."""

    real: FaceSet  # training cut of FER2013 Training, without pictures that also stand in another split
    synthetic: FaceSet | None
    validation: FaceSet  # the other cut
    unlabelled: FaceSet | None = None  # LFW: facial units and landmarks, but no expressions
    posed: FaceSet | None = None  # people of CK+ and London who may teach
    read: dict[str, int] = field(default_factory=dict)  # how many faces of each set teach


def expression_faces(
    data: Path | None,
    size: int,
    device: torch.device,
    synthetic: bool,
    unlabelled: bool = False,
    posed: Collection[str] = (),
    fold: int = 0,
) -> ExpressionFaces:
    """FER2013 with synthetic and unlabelled faces beside it if wanted; without `data`, the bundled faces alone.

    `posed` names those of POSED_SETS that teach as well; `fold` says which tenth is the validation cut.
    """
    if data is None:
        bundled = load_bundled()
        apart = held_out(bundled, fold=fold)
        faces = [build_face_set(bundled.select(np.flatnonzero(mask)), size) for mask in (~apart, apart)]
        training, validation = (legible(part).to(device) for part in faces)
        return ExpressionFaces(training, training, validation, read={"synthetic": len(training)})
    fer = load_fer2013(data, "train")
    apart = held_out(fer, fold=fold)
    clean = ~np.array(fer.column("in_other_split"), dtype=bool)
    training, validation = (
        build_face_set(fer.select(np.flatnonzero(mask)), size) for mask in (~apart & clean, apart & clean)
    )
    rendered = legible(build_face_set(synthetic_source(data), size)).to(device) if synthetic else None
    others = build_face_set(_known_people(data), size).to(device) if unlabelled else None
    actors = _posed(data, size, posed, device)
    read = {"fer2013": len(training), "ferplus": int(training.votes.any(dim=1).sum())}
    read |= {} if rendered is None else {"synthetic": len(rendered)}
    read |= {} if others is None else {"lfw": len(others)}
    read |= {name: len(faces) for name, faces in actors.items()}
    together = concatenate(list(actors.values())) if actors else None
    return ExpressionFaces(training.to(device), rendered, validation.to(device), others, together, read)


def _known_people(data: Path) -> FaceSource:
    """LFW without the people that edits are evaluated on."""
    lfw = load_lfw(data)
    return lfw.select(np.flatnonzero([not is_stranger(name) for name in lfw.column("person")]))


def _posed(data: Path, size: int, names: Collection[str], device: torch.device) -> dict[str, FaceSet]:
    if not names:
        return {}
    detector = RetinaFaceDetector()
    return {name: posed_faces(data, name, size, detector, teaching=True).to(device) for name in names}


def synthetic_source(data: Path) -> FaceSource:
    """The faces that `python -m training synthesize` wrote into the data folder."""
    folder = data / "synthetic"
    if not folder.is_dir():
        raise DataError(f"There are no synthetic faces in {folder}; make them with `python -m training synthesize`.")
    return load_parquet(folder)


def check_all_shown(faces: FaceSet) -> None:
    """Raises: DataError if none of the faces shows one of the basic expressions, each of which needs a code."""
    missing = [name for label, name in enumerate(BASIC) if not bool((faces.expression == label).any())]
    if missing:
        raise DataError(f"No face that teaches shows {' or '.join(missing)}; use a set with all of {', '.join(BASIC)}.")


def legible(faces: FaceSet) -> FaceSet:
    """Faces of one of the basic expressions that show it clearly enough to be learnt from."""
    neutral = faces.intensity == 0
    return faces.select((faces.expression != UNKNOWN) & (neutral | (faces.intensity >= FAINT)))
