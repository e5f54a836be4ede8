"""What a stage of edits learns from: people beside the true picture of them with somebody else's expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from fer_demo.expressions import NEUTRAL
from training.data.agreed_faces import AgreedFaces
from training.data.augmentation import Augmentation, random_views, views_alike
from training.data.expression_pairs import ExpressionPairs
from training.data.factorial_faces import FactorialFaces, counterfactuals

POSED_DRIVERS = 0.5  # share of those who drive people who posed: they posed as well, the others are of any photograph


class EditingBatch(NamedTuple):
    """Views in [-1, 1]."""

    people: Float[Tensor, "pairs 1 size size"]
    drivers: Float[Tensor, "pairs 1 size size"]
    truths: Float[Tensor, "pairs 1 size size"]  # these people with the drivers' expressions
    at_rest: Bool[Tensor, " pairs"]  # whether the truths are, and so the drivers
    photographs: Float[Tensor, "photographs 1 size size"]  # whose answer nobody knows


@dataclass(frozen=True)
class EditingBatches:
    """Draws people who posed, rendered people and photographs, all with replacement."""

    posed: ExpressionPairs
    rendered: FactorialFaces
    photographs: AgreedFaces
    augmentation: Augmentation
    rendered_share: float
    photograph_share: float

    def draw(self, count: int, size: int, rng: np.random.Generator, generator: torch.Generator) -> EditingBatch:
        """So many views of people and photographs together, and of drivers and truths as many as of people."""
        rendered, photographs = round(count * self.rendered_share), round(count * self.photograph_share)
        made = counterfactuals(self.rendered, rendered, size, self.augmentation, rng, generator)
        rows, drivers = self._posed(count - rendered - photographs, rng)
        device = self.rendered.crops.device
        crops = self.posed.source[rows].to(device), self.posed.target[rows].to(device)
        people, truths = views_alike(*crops, size, self.augmentation, rng)
        others = self.photographs.sample(photographs, rng).crops
        return EditingBatch(
            torch.cat([people, made.source]),
            torch.cat([random_views(drivers, size, self.augmentation, generator), made.driver]),
            torch.cat([truths, made.truth]),
            torch.cat([self.posed.expression[rows].to(device), made.expression]) == NEUTRAL,
            random_views(others, size, self.augmentation, generator),
        )

    def _posed(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, Tensor]:
        """Rows of people who posed, every expression equally often, and crops of others who show the same."""
        labels = self.posed.expression.numpy()
        shown = rng.choice(np.unique(labels), count)
        rows = np.array([rng.choice(np.flatnonzero(labels == label)) for label in shown], dtype=int)
        drivers = torch.empty(
            (count, *self.posed.target.shape[1:]), dtype=torch.uint8, device=self.rendered.crops.device
        )
        for place, row in enumerate(rows):
            drivers[place] = self._driver(row, rng)
        return rows, drivers

    def _driver(self, row: int, rng: np.random.Generator) -> UInt8[Tensor, "stored stored"]:
        """Somebody who shows what the target of this row does."""
        photograph = self.photographs.crop_of(int(self.posed.expression[row]), rng)
        if photograph is not None and rng.random() >= POSED_DRIVERS:
            return photograph
        alike = self.posed.expression.numpy() == int(self.posed.expression[row])
        others = alike & (np.array(self.posed.person) != self.posed.person[row])
        return self.posed.target[rng.choice(np.flatnonzero(others if others.any() else alike))]
