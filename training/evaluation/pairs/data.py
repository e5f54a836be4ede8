"""True pairs: the same person with another expression, from the London set and CK+, as cases that edits are held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from fer_demo.data.loading import load_parquet
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import Detector
from fer_demo.images import to_colour
from fer_demo.inference.landmarks import find_landmarks
from fer_demo.published.model import PublishedModel
from training.data.splits import teaches

PAIRS_FOLDER = "pairs"


@dataclass(frozen=True)
class PairSet:
    """One collection of true pairs, and how its pictures are compared."""

    name: str
    file: str  # in the folder of pairs; none of sets that are not kept there
    channels: int
    side: int  # pixels of the aligned squares that are compared: about as fine as the photos
    regions: tuple[str, ...]  # what its people move, by which the scale of a mean displacement is chosen


LONDON = PairSet("London", "london.parquet", channels=3, side=256, regions=("mouth",))
CKPLUS = PairSet("CK+", "ckplus.parquet", channels=1, side=48, regions=("mouth", "brows"))
RENDERED = PairSet("Rendered people", "", channels=3, side=128, regions=("mouth", "brows"))
LFW = PairSet("LFW", "", channels=3, side=128, regions=("mouth", "brows"))


@dataclass(frozen=True, eq=False)
class Photo:
    """One picture of a person, with the points that were found in it."""

    person: str
    expression: str
    crop: FaceCrop
    landmarks: Float[np.ndarray, "68 2"]  # pixels of crop.photo
    take: str = ""  # CK+: the sequence it is a frame of
    about: Mapping[str, Any] = field(default_factory=dict)  # London: age, gender and ethnicity, as people say it


@dataclass(frozen=True, eq=False)
class Case:
    """What an editor is given, and the picture it should have made."""

    source: Photo
    truth: Photo
    driver: Photo | None  # None: the expression is asked for by name

    @property
    def wanted(self) -> FaceCrop | str:
        """As painters take it."""
        return self.truth.expression if self.driver is None else self.driver.crop


@dataclass(frozen=True, eq=False)
class Task:
    """Cases of one kind."""

    pairs: PairSet
    expression: str  # which is asked for
    driven: bool  # by another person's face, not by name
    cases: tuple[Case, ...]

    @property
    def people(self) -> int:
        """How many different people its sources show."""
        return len({case.source.person for case in self.cases})

    @property
    def name(self) -> str:
        """Such as: smile, by name."""
        return f"{self.expression}, {'driven' if self.driven else 'by name'}"


def load_photos(
    data: Path, pairs: PairSet, teaching: bool, detector: Detector, landmarker: PublishedModel
) -> list[Photo]:
    """The photos of one half of the people; a picture without a face is left out.

    Raises: DataError if the file is missing or holds nobody of this half.
    """
    path = data / PAIRS_FOLDER / pairs.file
    if not path.is_file():
        raise DataError(f"There is no {path}; name with --data the folder that holds {PAIRS_FOLDER}/ beside fer2013/.")
    records = [record for record in load_parquet(path) if teaches(str(record.person)) == teaching]
    crops = []
    for record in records:
        photo = to_colour(record.image)
        faces = detector.detect(photo)
        crops.append(FaceCrop(photo, faces[0]) if faces else None)
    kept = [(record, crop) for record, crop in zip(records, crops, strict=True) if crop is not None]
    if not kept:
        raise DataError(f"{path} shows no face of this half of its people; use the whole file.")
    points = [crop.face.points for _, crop in kept if crop.face is not None]
    landmarks = find_landmarks(landmarker, [crop.photo for _, crop in kept], points)
    return [
        Photo(
            person=str(record.person),
            expression=str(record.expression),
            crop=crop,
            landmarks=found,
            take=str(record.attributes.get("sequence", "")),
            about=record.attributes,
        )
        for (record, crop), found in zip(kept, landmarks, strict=True)
    ]


def make_tasks(pairs: PairSet, photos: Sequence[Photo], seed: int) -> list[Task]:
    """From neutral to each expression that the people show, and in London back to neutral; by name and driven.

    Who drives whom is drawn by the seed: always another person of the same half with the wanted expression. An
    expression that has no prototype is only driven, one that a single person shows only asked for by name.
    """
    rng = np.random.default_rng(seed)
    tasks = []
    shown = [name for name in WITH_CONTEMPT if name != "neutral" and any(p.expression == name for p in photos)]
    routes = [("neutral", name) for name in shown] + ([("happy", "neutral")] if pairs is LONDON else [])
    for before, after in routes:
        couples = _couples(photos, before, after)
        drivers = [_driver(couple[1], photos, rng) for couple in couples]
        if after in BASIC and couples:
            tasks.append(Task(pairs, after, False, tuple(Case(*couple, None) for couple in couples)))
        if couples and all(driver is not None for driver in drivers):
            cases = (Case(*couple, driver) for couple, driver in zip(couples, drivers, strict=True))
            tasks.append(Task(pairs, after, True, tuple(cases)))
    return tasks


def _couples(photos: Sequence[Photo], before: str, after: str) -> list[tuple[Photo, Photo]]:
    """Each picture of the wanted expression with one of the same person: of the same take if there is one."""
    found = []
    for truth in photos:
        if truth.expression == after:
            own = [p for p in photos if p.person == truth.person and p.expression == before]
            found += [(nearest_take(truth, own), truth)] if own else []
    return found


def nearest_take(photo: Photo, others: Sequence[Photo]) -> Photo:
    """One of the others: of the same take if there is one, else of the first."""
    return min(others, key=lambda other: (_take(other) != _take(photo), other.take))


def _take(photo: Photo) -> str:
    """A sequence's name without the number of the frame."""
    return photo.take.rpartition("_")[0]


def _driver(truth: Photo, photos: Sequence[Photo], rng: np.random.Generator) -> Photo | None:
    others = [p for p in photos if p.expression == truth.expression and p.person != truth.person]
    return others[int(rng.integers(len(others)))] if others else None
