"""People for learning to tell them apart: several pictures of each, and strangers to be watched by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from fer_demo.data.loading import load_bundled, load_lfw
from fer_demo.data.sources import FaceSource
from training.data.face_set import FaceSet, build_face_set, number_persons
from training.data.factorial_faces import FactorialFaces, load_factorial
from training.data.splits import is_stranger


@dataclass(frozen=True)
class KnownPeople:
    """Pictures of people who are numbered from 0, and of others who never teach, numbered among themselves."""

    teaching: FaceSet
    strangers: FaceSet
    rendered: FactorialFaces | None  # numbered after those of `teaching`
    persons: int
    read: dict[str, int]  # how many faces of each set teach


def known_people(data: Path | None, size: int, device: torch.device) -> KnownPeople:
    """People of LFW with two pictures or more, and rendered people; the bundled faces alone without `data`."""
    source = load_bundled() if data is None else load_lfw(data)
    names = np.array(source.column("person"))
    apart = np.array([is_stranger(str(name)) for name in names])
    teaching, strangers = (_repeated(source, names, side, size).to(device) for side in (~apart, apart))
    rendered = None if data is None else load_factorial(data, size, device).split()[0]
    own = int(teaching.person.max()) + 1
    read = {"synthetic" if data is None else "lfw": len(teaching)}
    if rendered is None:
        return KnownPeople(teaching, strangers, None, own, read)
    read |= {"synthetic": rendered.pictures}
    return KnownPeople(teaching, strangers, rendered, own + len(rendered.crops), read)


def _repeated(source: FaceSource, names: np.ndarray, chosen: np.ndarray, size: int) -> FaceSet:
    """The pictures of the chosen people of whom there are at least two."""
    found, counts = np.unique(names[chosen], return_counts=True)
    rows = np.flatnonzero(chosen & np.isin(names, found[counts > 1]))
    return build_face_set(source.select(rows), size, number_persons([str(name) for name in names[rows]]))
