"""Rendered people who all show the same expressions: each picture has an exact answer to every other expression."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from fer_demo.data.loading import load_parquet
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from training.data.augmentation import Augmentation, random_views, views_alike
from training.data.face_set import build_face_set
from training.data.splits import rendered_strangers, teachers_among

FACTORIAL_FOLDER = "synthetic_factorial"


@dataclass(frozen=True)
class FactorialFaces:
    """Rendered people who all show the same expression instances, each in a scene of their own."""

    crops: UInt8[Tensor, "people instances stored stored"]
    expression: Int[Tensor, " instances"]  # index into BASIC

    @property
    def pictures(self) -> int:
        """How many there are, of all people together."""
        return self.crops.shape[0] * self.crops.shape[1]

    def split(self) -> tuple[FactorialFaces, FactorialFaces]:
        """Training people, and people who are never trained on."""
        first = teachers_among(len(self.crops))
        return (
            FactorialFaces(self.crops[:first], self.expression),
            FactorialFaces(self.crops[first:], self.expression),
        )


class Counterfactuals(NamedTuple):
    """Views of people under one expression, of others under another, and of the first under that one: the truth."""

    source: Float[Tensor, "pairs 1 size size"]
    driver: Float[Tensor, "pairs 1 size size"]
    truth: Float[Tensor, "pairs 1 size size"]
    person: Int[Tensor, " pairs"]  # among the rendered people: that of source and truth
    expression: Int[Tensor, " pairs"]  # of driver and truth, as an index into BASIC


def counterfactuals(
    factorial: FactorialFaces,
    count: int,
    size: int,
    augmentation: Augmentation,
    rng: np.random.Generator,
    generator: torch.Generator,
) -> Counterfactuals:
    """So many, drawn with replacement."""
    people, instances = factorial.crops.shape[:2]
    p, q = rng.integers(people, size=count), rng.integers(people, size=count)
    a, b = rng.integers(instances, size=count), rng.integers(instances, size=count)
    source, truth = views_alike(factorial.crops[p, a], factorial.crops[p, b], size, augmentation, rng)
    driver = random_views(factorial.crops[q, b], size, augmentation, generator)
    return Counterfactuals(source, driver, truth, torch.from_numpy(p).to(driver.device), factorial.expression[b])


def load_factorial(data: Path, size: int, device: torch.device) -> FactorialFaces:
    """The faces of `python -m training synthesize --design factorial --out DATA/synthetic_factorial`.

    Raises: DataError if they are missing or not whole, or if nobody is kept out of training.
    """
    source = whole_factorial(data)
    faces = build_face_set(source, size)
    people, instances = (np.array(source.column(name)) for name in ("person", "instance"))
    counts = [len(np.unique(column)) for column in (people, instances)]
    if not rendered_strangers(people):
        raise DataError(f"There are too few people in {FACTORIAL_FOLDER}/ to keep some out; render 20 or more.")
    order = torch.from_numpy(np.lexsort((instances, people)))
    crops = faces.crops[order].reshape(*counts, *faces.crops.shape[1:])
    return FactorialFaces(crops.to(device), faces.expression[order][: counts[1]].to(device))


def whole_factorial(data: Path) -> FaceSource:
    """The same as a table, in which every person shows every expression instance.

    Raises: DataError if it is missing or not whole.
    """
    folder = data / FACTORIAL_FOLDER
    if not folder.is_dir():
        raise DataError(
            f"There is no {folder}; make it with `python -m training synthesize --design factorial --out {folder} ...`."
        )
    source = load_parquet(folder)
    counts = [len(np.unique(np.array(source.column(name)))) for name in ("person", "instance")]
    if counts[0] * counts[1] != len(source):
        raise DataError(f"{folder} does not hold every expression instance of every person; finish making it.")
    return source
