"""Posed faces of the true pairs (CK+, London): the people who may teach, and those who only validate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch
from tqdm import tqdm

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.alignment import TEMPLATE, align
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import Detector
from fer_demo.images import load_photo, to_grey
from training.data.face_set import MARGIN, UNKNOWN, FaceSet, crop_side, number_persons
from training.data.splits import teaches

POSED_SETS = ("ckplus", "london")


def posed_file(data: Path, name: str) -> Path:
    """The file of one of these sets.

    Raises: DataError if it is not there.
    """
    path = data / "pairs" / f"{name}.parquet"
    if not path.is_file():
        raise DataError(f"There is no {path}; name the folder that holds pairs/ beside fer2013/ and lfw/.")
    return path


def posed_faces(data: Path, name: str, size: int, detector: Detector, teaching: bool) -> FaceSet:
    """One set of `data`/pairs, aligned by the detector as the app aligns a crop.

    A posed expression counts as what every voter would say: contempt has no label among the seven, and votes.

    Raises: DataError if the set is not there.
    """
    rows = [row for row in pq.read_table(posed_file(data, name)).to_pylist() if teaches(row["person"]) == teaching]
    side = crop_side(size)
    crops = []
    for row in tqdm(rows, desc=f"align {name}", leave=False):
        picture = load_photo(row["image"])
        face = crop_or_whole(picture, detector).face
        points = TEMPLATE * picture.shape[0] if face is None else face.points
        crops.append(align(to_grey(picture), points, side, MARGIN))
    persons = number_persons([row["person"] for row in rows])
    shown = [row["expression"] for row in rows]
    count = len(rows)
    votes = torch.zeros(count, len(WITH_CONTEMPT))
    votes[torch.arange(count), torch.tensor([WITH_CONTEMPT.index(name) for name in shown])] = 1
    return FaceSet(
        crops=torch.from_numpy(np.stack(crops)),
        expression=torch.tensor([BASIC.index(name) if name in BASIC else UNKNOWN for name in shown]),
        person=torch.tensor([persons[row["person"]] for row in rows]),
        votes=votes,
        units=torch.zeros(count, 52),
        landmarks=torch.zeros(count, 68, 2),
        pose=torch.zeros(count, 2),
        intensity=torch.ones(count),
    )
