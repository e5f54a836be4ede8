"""Faces for learning to transfer: people on one side, expressions on the other, and exact counterfactuals."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from fer_demo.data.loading import load_bundled, load_lfw
from fer_demo.errors import DataError
from fer_demo.faces.detection import RetinaFaceDetector
from training.data.expression_faces import expression_faces
from training.data.expression_pairs import ExpressionPairs, posed_pairs
from training.data.face_set import MARGIN, FaceSet, build_face_set, number_persons
from training.data.factorial_faces import FactorialFaces, load_factorial
from training.data.splits import is_stranger


@dataclass(frozen=True)
class TransferFaces:
    """Everything the TDGAN objective learns from and is watched by."""

    people: FaceSet  # named people; persons are numbered from 0, those who posed after them, rendered ones last
    expressions: FaceSet  # labelled expressions
    validation: FaceSet  # labelled expressions of the validation cut
    strangers: FaceSet  # people that are never trained on
    factorial: FactorialFaces | None
    factorial_strangers: FactorialFaces | None
    persons: int  # how many are numbered
    posed: ExpressionPairs | None = None  # people of CK+ and London who may teach
    read: dict[str, int] = field(default_factory=dict)  # how many faces of each set teach


def transfer_faces(
    data: Path | None, size: int, most_persons: int, rendered: bool, device: torch.device, posed: bool = False
) -> TransferFaces:
    """LFW for people, FER2013 for expressions, the bundled set for both without `data`.

    If they are wanted, rendered people, and people who posed, whose answers are known.
    """
    labelled = expression_faces(data, size, device, synthetic=False)
    source = load_bundled() if data is None else load_lfw(data)
    names = source.column("person")
    apart = np.array([is_stranger(name) for name in names])
    numbers = number_persons([name for name, out in zip(names, apart, strict=True) if not out], most=most_persons)
    chosen = np.array([name in numbers for name in names])
    people = build_face_set(source.select(np.flatnonzero(chosen)), size, numbers).to(device)
    strangers = build_face_set(source.select(np.flatnonzero(apart)[:256]), size).to(device)
    factorial = factorial_strangers = couples = None
    if data is None and (rendered or posed):
        raise DataError("Faces whose answers are known need --data with the folders synthetic_factorial/ and pairs/.")
    if data is not None and rendered:
        factorial, factorial_strangers = load_factorial(data, size, device).split()
    if data is not None and posed:
        couples = posed_pairs(data, size, RetinaFaceDetector(threads=torch.get_num_threads()), MARGIN)
    persons = len(numbers)
    read = labelled.read | ({} if data is None else {"lfw": len(people)})
    if factorial is not None:
        persons += len(factorial.crops)
        read["synthetic"] = factorial.pictures
    if couples is not None:
        persons += len(set(couples.person))
        read |= couples.read
    return TransferFaces(
        people, labelled.real, labelled.validation, strangers, factorial, factorial_strangers, persons, couples, read
    )
