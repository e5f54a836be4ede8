"""Batches of (identity face, expression face) pairs, first those without an answer, then those that have one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from training.data.augmentation import Augmentation, random_views
from training.data.expression_pairs import ExpressionPairs
from training.data.face_set import number_persons
from training.data.transfer_faces import TransferFaces

POSED_DRIVERS = 0.5  # share of those who drive people who posed: they posed as well


@dataclass(frozen=True)
class TransferBatch:
    """B pairs, of which all but the first `real` have an answer; all faces are in [-1, 1]."""

    identity_faces: Float[Tensor, "batch 1 size size"]
    person: Int[Tensor, " batch"]
    expression_faces: Float[Tensor, "batch 1 size size"]
    expression: Int[Tensor, " batch"]
    other_views: Float[Tensor, "real 1 size size"]  # of the first `real` identity faces
    real: int
    truth: Float[Tensor, "answered 1 size size"] | None  # that person with that expression


class _Answered(NamedTuple):
    """Pairs whose answer is known."""

    source: Float[Tensor, "pairs 1 size size"]
    driver: Float[Tensor, "pairs 1 size size"]
    truth: Float[Tensor, "pairs 1 size size"]
    person: Int[Tensor, " pairs"]
    expression: Int[Tensor, " pairs"]  # by driver and truth


class TransferBatches:
    """Draws batches; which people meet which expressions is random or fixed for the whole run."""

    def __init__(
        self,
        faces: TransferFaces,
        size: int,
        augmentation: Augmentation,
        *,
        synthetic_share: float,
        posed_share: float = 0.0,
        fixed_pairs: bool,
        balanced: bool,
    ) -> None:
        self.faces, self.size, self.augmentation = faces, size, augmentation
        self.synthetic_share, self.posed_share, self.fixed_pairs = synthetic_share, posed_share, fixed_pairs
        labels = faces.expressions.expression.cpu().numpy()
        self.showing = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}
        self.balanced = balanced
        self.posed = None if faces.posed is None else _PosedPeople(faces.posed)

    def draw(self, count: int, rng: np.random.Generator, generator: torch.Generator) -> TransferBatch:
        """So many pairs, drawn with replacement."""
        rendered = 0 if self.faces.factorial is None else round(count * self.synthetic_share)
        posed = 0 if self.posed is None else round(count * self.posed_share)
        real = count - rendered - posed
        device = self.faces.people.crops.device
        i, j = (torch.from_numpy(index).to(device) for index in self._pairs(real, rng))
        people, expressions = self.faces.people.select(i), self.faces.expressions.select(j)
        identity_faces, other_views = self._views(people.crops, generator), self._views(people.crops, generator)
        expression_faces = self._views(expressions.crops, generator)
        person, expression, truth = people.person, expressions.expression, None
        answered = [self._rendered(rendered, rng, generator)] if rendered else []
        answered += [self._posed(posed, rng, generator)] if posed else []
        if answered:
            both = _Answered(*(torch.cat(parts) for parts in zip(*answered, strict=True)))
            identity_faces = torch.cat([identity_faces, both.source])
            expression_faces = torch.cat([expression_faces, both.driver])
            person, expression = torch.cat([person, both.person]), torch.cat([expression, both.expression])
            truth = both.truth
        return TransferBatch(identity_faces, person, expression_faces, expression, other_views, real, truth)

    def _pairs(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        people, expressions = len(self.faces.people), len(self.faces.expressions)
        if self.fixed_pairs:
            drawn = rng.integers(max(people, expressions), size=count)
            return drawn % people, drawn % expressions
        if not self.balanced:
            return rng.integers(people, size=count), rng.integers(expressions, size=count)
        return rng.integers(people, size=count), self._shown_by(rng.choice(list(self.showing), size=count), rng)

    def _shown_by(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """For each label a labelled photograph."""
        return np.array([rng.choice(self.showing[int(label)]) for label in labels])

    def _rendered(self, count: int, rng: np.random.Generator, generator: torch.Generator) -> _Answered:
        """Person p under one expression, person q under another, and the truth: p under q's expression."""
        factorial = self.faces.factorial
        assert factorial is not None
        people, instances = factorial.crops.shape[:2]
        p, q = rng.integers(people, size=count), rng.integers(people, size=count)
        a, b = rng.integers(instances, size=count), rng.integers(instances, size=count)
        source, truth = self._alike(factorial.crops[p, a], factorial.crops[p, b], rng)
        driver = self._views(factorial.crops[q, b], generator)
        person = torch.from_numpy(p).to(driver.device) + self.faces.persons - people
        return _Answered(source, driver, truth, person, factorial.expression[b])

    def _posed(self, count: int, rng: np.random.Generator, generator: torch.Generator) -> _Answered:
        """Somebody who posed, driven by somebody else, who posed as well or is of any photograph."""
        assert self.posed is not None
        pairs, device = self.posed.pairs, self.faces.people.crops.device
        rows, drivers = self.posed.draw(count, rng)
        source, truth = self._alike(pairs.source[rows].to(device), pairs.target[rows].to(device), rng)
        expression = pairs.expression[rows]
        of_any = self._shown_by(expression.numpy(), rng)
        poses = torch.from_numpy(rng.random(count) < POSED_DRIVERS).to(device)[:, None, None]
        driver = torch.where(poses, pairs.target[drivers].to(device), self.faces.expressions.crops[of_any])
        rendered = 0 if self.faces.factorial is None else len(self.faces.factorial.crops)
        first = self.faces.persons - rendered - self.posed.people
        person = torch.from_numpy(self.posed.person[rows] + first).to(device)
        return _Answered(source, self._views(driver, generator), truth, person, expression.to(device))

    def _alike(self, one: Tensor, other: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Both pictures of the same people, seen in the same way."""
        seed = int(rng.integers(2**62))
        first, second = (self._views(crops, torch.Generator(crops.device).manual_seed(seed)) for crops in (one, other))
        return first, second

    def _views(self, crops: Tensor, generator: torch.Generator) -> Tensor:
        return random_views(crops, self.size, self.augmentation, generator)


class _PosedPeople:
    """Draws pairs of people who posed, every expression equally often, and drivers who show the same."""

    def __init__(self, pairs: ExpressionPairs) -> None:
        numbers = number_persons(pairs.person)
        self.pairs, self.people = pairs, len(numbers)
        self.person = np.array([numbers[name] for name in pairs.person])
        labels = pairs.expression.numpy()
        self._of_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]

    def draw(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Rows of pairs, and of those whose targets drive them: somebody else with that expression, if there is one."""
        classes = [self._of_class[label] for label in rng.integers(len(self._of_class), size=count)]
        rows = np.array([rng.choice(members) for members in classes])
        others = [members[self.person[members] != self.person[row]] for members, row in zip(classes, rows, strict=True)]
        drivers = [rng.choice(other if len(other) else members) for other, members in zip(others, classes, strict=True)]
        return rows, np.array(drivers)
