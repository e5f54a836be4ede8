"""The fixed, seeded, uncurated pairs that transfer is evaluated on: people never trained on, drivers of each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from fer_demo.data.loading import load_fer2013, load_lfw
from fer_demo.data.records import FaceRecord
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import align
from fer_demo.images import to_tensor
from training.data.face_set import face_points
from training.data.factorial_faces import FACTORIAL_FOLDER, whole_factorial
from training.data.splits import is_stranger, rendered_strangers

PEOPLE = 60  # strangers, each of whom meets one driver of every expression
REFERENCE = 500  # photographs of yet other people that sets of results are compared with


@dataclass(frozen=True)
class TransferPairs:
    """Everybody meets one driver of each basic expression; faces are aligned, in [-1, 1], of one size."""

    sources: Float[Tensor, "people channels size size"]
    drivers: Float[Tensor, "people 7 channels size size"]  # in the order of BASIC
    gallery: Float[Tensor, "gallery channels size size"]  # one photograph each of all strangers; the sources come first
    gallery_drivers: Float[Tensor, "gallery channels size size"]  # one driver for each of them, of any expression
    gallery_labels: Int[Tensor, " gallery"]  # what those drivers show, indices into BASIC
    reference: Float[Tensor, "reference channels size size"]  # real photographs of people outside the gallery
    data: str

    @property
    def set_data(self) -> str:
        """What distances of sets are measured on."""
        return (
            f"{len(self.gallery)} LFW strangers, each with one of the FER2013 drivers, against {len(self.reference)} "
            "photographs of other LFW people"
        )

    @property
    def paired_sources(self) -> Float[Tensor, "pairs channels size size"]:
        """Each source once for every driver, as `paired_drivers` lists them."""
        return self.sources.repeat_interleave(len(BASIC), dim=0)

    @property
    def paired_drivers(self) -> Float[Tensor, "pairs channels size size"]:
        """All drivers, those of the first person first."""
        return self.drivers.flatten(0, 1)

    @property
    def paired_labels(self) -> Int[Tensor, " pairs"]:
        """What each of `paired_drivers` shows."""
        return basic_labels(len(self.sources))


@dataclass(frozen=True)
class TruePairs:
    """Rendered people who meet rendered drivers, and the exact answer to each pair."""

    sources: Float[Tensor, "people 7 channels size size"]
    drivers: Float[Tensor, "people 7 channels size size"]  # other people, one of each expression
    truth: Float[Tensor, "people 7 channels size size"]  # the source's person showing the driver's expression instance
    data: str


def real_pairs(data: Path, size: int, channels: int, seed: int, people: int = PEOPLE) -> TransferPairs:
    """LFW strangers x drivers of FER2013's PublicTest whose picture does not occur in its training part."""
    rng = np.random.default_rng(seed)
    lfw, fer = load_lfw(data), load_fer2013(data, "public_test")
    first, known = _first_photographs(lfw.column("person"), rng)
    if len(first) < people:
        raise DataError(f"{data} holds only {len(first)} people who are kept out of training; {people} are needed.")
    labels = np.array(fer.column("expression"))
    fresh = ~np.array(fer.column("in_other_split"), dtype=bool)
    drawn = [_draw(np.flatnonzero(fresh & (labels == name)), people, rng) for name in BASIC]
    gallery = aligned_faces(lfw.select(first), size, channels)
    drivers = aligned_faces(fer.select(np.stack(drawn, axis=1).ravel()), size, channels)
    reference = rng.permutation(known)[:REFERENCE]
    drives = torch.from_numpy(rng.integers(len(drivers), size=len(gallery)))
    return TransferPairs(
        sources=gallery[:people],
        drivers=drivers.unflatten(0, (people, len(BASIC))),
        gallery=gallery,
        gallery_drivers=drivers[drives],
        gallery_labels=basic_labels(people)[drives],
        reference=aligned_faces(lfw.select(reference), size, channels),
        data=f"{people} LFW strangers x FER2013 PublicTest drivers, one of each expression",
    )


def basic_labels(people: int) -> Int[Tensor, " pairs"]:
    """All basic expressions, once for each person."""
    return torch.arange(len(BASIC)).repeat(people)


def with_rendered_drivers(pairs: TransferPairs, true_pairs: TruePairs) -> TransferPairs:
    """The same strangers, as many as there are rendered people, driven by the rendered drivers."""
    people = min(len(pairs.sources), len(true_pairs.drivers))
    return replace(
        pairs,
        sources=pairs.sources[:people],
        drivers=true_pairs.drivers[:people],
        data=f"{people} LFW strangers x rendered drivers never trained on, one of each expression",
    )


def true_pairs(data: Path, size: int, channels: int, seed: int) -> TruePairs:
    """Rendered people never trained on, among themselves; the factorial set holds every answer."""
    source = whole_factorial(data)
    names, instances = (np.array(source.column(name)) for name in ("person", "instance"))
    kept = rendered_strangers(names)
    if len(kept) < 2:
        raise DataError(f"Of the people in {FACTORIAL_FOLDER}/ fewer than two never teach; render 20 or more.")
    rows = np.flatnonzero(np.isin(names, kept))
    rows = rows[np.lexsort((instances[rows], names[rows]))]
    faces = aligned_faces(source.select(rows), size, channels).unflatten(0, (len(kept), -1))
    shown = np.array(source.select(rows[: faces.shape[1]]).column("expression"))
    return _true_pairs(faces, shown, np.random.default_rng(seed))


def _true_pairs(faces: Tensor, shown: np.ndarray, rng: np.random.Generator) -> TruePairs:
    """Pairs among (people, instances, ...) faces, where all people show the same instances of expressions `shown`."""
    people, instances = faces.shape[:2]
    who = np.arange(people)[:, None]
    other = (who + rng.integers(1, people, size=(people, len(BASIC)))) % people
    wanted = np.stack([_draw(np.flatnonzero(shown == name), people, rng) for name in BASIC], axis=1)
    own = (wanted + rng.integers(1, instances, size=wanted.shape)) % instances
    return TruePairs(
        sources=faces[who, own],
        drivers=faces[other, wanted],
        truth=faces[who, wanted],
        data=f"{people} rendered people never trained on x drivers of each expression among them",
    )


def aligned_faces(
    records: FaceSource | Sequence[FaceRecord], size: int, channels: int
) -> Float[Tensor, "faces channels size size"]:
    """Faces on the template, aligned as those that teach are."""
    crops = []
    for record in records:
        points = face_points(record, record.landmarks)
        crops.append(to_tensor(align(record.image, points, size)[None], channels))
    return torch.cat(crops)


def _first_photographs(names: Sequence[str], rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Rows of one photograph of each person: of the strangers in random order, and of everybody else."""
    first: dict[str, int] = {}
    for row, name in enumerate(names):
        first.setdefault(name, row)
    strangers = [row for name, row in first.items() if is_stranger(name)]
    known = [row for name, row in first.items() if not is_stranger(name)]
    return [strangers[place] for place in rng.permutation(len(strangers))], known


def _draw(rows: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """So many of the rows in random order; each once before any comes twice."""
    if len(rows) == 0:
        raise DataError("No driver shows one of the seven basic expressions; use the whole dataset.")
    rounds = [rng.permutation(rows) for _ in range(-(-count // len(rows)))]
    return np.concatenate(rounds)[:count]
