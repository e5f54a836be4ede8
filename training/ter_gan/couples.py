"""Batches of couples: two photographs of one person, beside two faces that show one expression."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from fer_demo.errors import DataError
from training.data.augmentation import Augmentation, random_views, views_alike
from training.data.face_set import UNKNOWN
from training.data.factorial_faces import FactorialFaces
from training.data.transfer_faces import TransferFaces


class CoupleBatch(NamedTuple):
    """B faces of people beside B faces with expressions; rows 2k and 2k + 1 are a couple, and all are in [-1, 1].

    The last rows are rendered: their truth is the person of the identity face with the expression of the other one.
    """

    identity_faces: Float[Tensor, "batch 1 size size"]
    person: Int[Tensor, " batch"]
    expression_faces: Float[Tensor, "batch 1 size size"]
    expression: Int[Tensor, " batch"]
    truths: Float[Tensor, "rendered 1 size size"]


class CoupleBatches:
    """Draws couples with replacement: every person as often as any other, and so every expression.

    Raises: DataError if nobody has two photographs.
    """

    def __init__(self, faces: TransferFaces, size: int, augmentation: Augmentation, rendered_share: float) -> None:
        self.faces, self.size, self.augmentation = faces, size, augmentation
        self.rendered_share = rendered_share if faces.factorial is not None else 0.0
        self.of_person = _couples_of(faces.people.person)
        self.of_expression = _couples_of(faces.expressions.expression)
        if not (self.of_person and self.of_expression):
            raise DataError("There must be two photographs of a person, and two faces with one expression.")

    def draw(self, count: int, rng: np.random.Generator, generator: torch.Generator) -> CoupleBatch:
        """So many faces of each kind; `count` is even."""
        rendered = min(2 * round(count * self.rendered_share / 2), count - 2)
        device = self.faces.people.crops.device
        chosen = (_drawn(members, count - rendered, rng) for members in (self.of_person, self.of_expression))
        i, j = (torch.from_numpy(rows).to(device) for rows in chosen)
        people, expressions = self.faces.people.select(i), self.faces.expressions.select(j)
        sources, drivers = self._views(people.crops, generator), self._views(expressions.crops, generator)
        person, expression, truths = people.person, expressions.expression, sources[:0]
        if self.faces.factorial is not None and rendered:
            made = self._rendered(self.faces.factorial, rendered, rng, generator)
            sources, drivers = torch.cat([sources, made.identity_faces]), torch.cat([drivers, made.expression_faces])
            person, expression = torch.cat([person, made.person]), torch.cat([expression, made.expression])
            truths = made.truths
        return CoupleBatch(sources, person, drivers, expression, truths)

    def _rendered(
        self, factorial: FactorialFaces, count: int, rng: np.random.Generator, generator: torch.Generator
    ) -> CoupleBatch:
        """Couples of one rendered person with two expressions, beside two other people with a third one."""
        people, instances = factorial.crops.shape[:2]
        who = [rng.choice(people, size=3, replace=False) for _ in range(count // 2)]
        shown = [rng.choice(instances, size=3, replace=False) for _ in range(count // 2)]
        p, q = (np.array([[w[i], w[j]] for w in who]).ravel() for i, j in ((0, 0), (1, 2)))
        own, target = (np.array([[s[i], s[j]] for s in shown]).ravel() for i, j in ((0, 1), (2, 2)))
        crops = factorial.crops[p, own], factorial.crops[p, target]
        sources, truths = views_alike(*crops, self.size, self.augmentation, rng)
        drivers = self._views(factorial.crops[q, target], generator)
        person = torch.from_numpy(p).to(drivers.device) + self.faces.persons - people
        return CoupleBatch(sources, person, drivers, factorial.expression[target], truths)

    def _views(self, crops: Tensor, generator: torch.Generator) -> Tensor:
        return random_views(crops, self.size, self.augmentation, generator)


def _couples_of(labels: Int[Tensor, " faces"]) -> list[np.ndarray]:
    """The rows of each label that at least two faces have."""
    numbers = labels.cpu().numpy()
    rows = (np.flatnonzero(numbers == label) for label in np.unique(numbers[numbers != UNKNOWN]))
    return [members for members in rows if len(members) > 1]


def _drawn(members: list[np.ndarray], count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` rows in couples of different faces with one label."""
    labels = rng.integers(len(members), size=count // 2)
    return np.concatenate([rng.choice(members[label], size=2, replace=False) for label in labels])
