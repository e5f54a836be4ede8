"""Faces for learning to transfer: people on one side, expressions on the other, and exact counterfactuals."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from fer_demo.data.loading import load_bundled, load_lfw
from fer_demo.errors import DataError
from training.data.expression_faces import check_all_shown, expression_faces
from training.data.face_set import FaceSet, build_face_set, number_persons
from training.data.factorial_faces import FactorialFaces, load_factorial
from training.data.splits import is_stranger


@dataclass(frozen=True)
class TransferFaces:
    """Everything the TDGAN objective learns from and is watched by."""

    people: FaceSet  # named people; persons are numbered from 0
    expressions: FaceSet  # labelled expressions
    validation: FaceSet  # labelled expressions of the validation cut
    strangers: FaceSet  # people that are never trained on
    factorial: FactorialFaces | None
    factorial_strangers: FactorialFaces | None
    persons: int  # how many are numbered, the rendered ones included
    read: dict[str, int] = field(default_factory=dict)  # how many faces of each set teach


def transfer_faces(
    data: Path | None, size: int, most_persons: int, rendered: bool, device: torch.device
) -> TransferFaces:
    """LFW for people, FER2013 for expressions, rendered counterfactuals if wanted; the bundled set without `data`."""
    labelled = expression_faces(data, size, device, synthetic=False)
    check_all_shown(labelled.real)
    source = load_bundled() if data is None else load_lfw(data)
    names = source.column("person")
    apart = np.array([is_stranger(name) for name in names])
    numbers = number_persons([name for name, out in zip(names, apart, strict=True) if not out], most=most_persons)
    chosen = np.array([name in numbers for name in names])
    people = build_face_set(source.select(np.flatnonzero(chosen)), size, numbers).to(device)
    strangers = build_face_set(source.select(np.flatnonzero(apart)[:256]), size).to(device)
    factorial = factorial_strangers = None
    if rendered:
        if data is None:
            raise DataError("Rendered counterfactuals need --data with a folder synthetic_factorial/.")
        factorial, factorial_strangers = load_factorial(data, size, device).split()
    persons = len(numbers) + (0 if factorial is None else len(factorial.crops))
    read = labelled.read | ({} if data is None else {"lfw": len(people)})
    read |= {} if factorial is None else {"synthetic": factorial.pictures}
    return TransferFaces(
        people, labelled.real, labelled.validation, strangers, factorial, factorial_strangers, persons, read
    )
