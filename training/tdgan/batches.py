"""Batches of (identity face, expression face) pairs, real ones first and rendered counterfactuals after them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from training.data.augmentation import Augmentation, random_views
from training.data.factorial_faces import counterfactuals
from training.data.transfer_faces import TransferFaces


@dataclass(frozen=True)
class TransferBatch:
    """B pairs, of which the first `real` are photographs; all faces are in [-1, 1]."""

    identity_faces: Float[Tensor, "batch 1 size size"]
    person: Int[Tensor, " batch"]
    expression_faces: Float[Tensor, "batch 1 size size"]
    expression: Int[Tensor, " batch"]
    other_views: Float[Tensor, "real 1 size size"]  # of the first `real` identity faces
    real: int
    truth: Float[Tensor, "rendered 1 size size"] | None  # the right answer to each rendered pair


class TransferBatches:
    """Draws batches; which people meet which expressions is random or fixed for the whole run."""

    def __init__(
        self,
        faces: TransferFaces,
        size: int,
        augmentation: Augmentation,
        *,
        synthetic_share: float,
        fixed_pairs: bool,
        balanced: bool,
    ) -> None:
        self.faces, self.size, self.augmentation = faces, size, augmentation
        self.synthetic_share, self.fixed_pairs = synthetic_share, fixed_pairs
        labels = faces.expressions.expression.cpu().numpy()
        self.of_class = [np.flatnonzero(labels == label) for label in np.unique(labels)] if balanced else None

    def draw(self, count: int, rng: np.random.Generator, generator: torch.Generator) -> TransferBatch:
        """So many pairs, drawn with replacement."""
        factorial = self.faces.factorial
        rendered = 0 if factorial is None else round(count * self.synthetic_share)
        real = count - rendered
        device = self.faces.people.crops.device
        i, j = (torch.from_numpy(index).to(device) for index in self._pairs(real, rng))
        people, expressions = self.faces.people.select(i), self.faces.expressions.select(j)
        identity_faces, other_views = self._views(people.crops, generator), self._views(people.crops, generator)
        expression_faces = self._views(expressions.crops, generator)
        person, expression, truth = people.person, expressions.expression, None
        if factorial is not None and rendered > 0:
            drawn = counterfactuals(factorial, rendered, self.size, self.augmentation, rng, generator)
            identity_faces, truth = torch.cat([identity_faces, drawn.source]), drawn.truth
            expression_faces = torch.cat([expression_faces, drawn.driver])
            person = torch.cat([person, drawn.person + self.faces.persons - len(factorial.crops)])
            expression = torch.cat([expression, drawn.expression])
        return TransferBatch(identity_faces, person, expression_faces, expression, other_views, real, truth)

    def _pairs(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        people, expressions = len(self.faces.people), len(self.faces.expressions)
        if self.fixed_pairs:
            drawn = rng.integers(max(people, expressions), size=count)
            return drawn % people, drawn % expressions
        if self.of_class is None:
            return rng.integers(people, size=count), rng.integers(expressions, size=count)
        classes = [self.of_class[label] for label in rng.integers(len(self.of_class), size=count)]
        return rng.integers(people, size=count), np.array([rng.choice(members) for members in classes])

    def _views(self, crops: Tensor, generator: torch.Generator) -> Tensor:
        return random_views(crops, self.size, self.augmentation, generator)
