"""What the faces stage of IPD-FER learns from: labelled faces, people, faces at rest, and rendered answers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.errors import DataError
from fer_demo.expressions import NEUTRAL
from training.data.augmentation import Augmentation, random_views, views_alike
from training.data.expression_faces import ExpressionFaces
from training.data.factorial_faces import FactorialFaces
from training.recognition.batches import Mixing, RecognitionBatch, RecognitionBatches


class RestingBatch(NamedTuple):
    """Views of faces, all in [-1, 1]."""

    views: RecognitionBatch  # labelled faces first, then people without a label
    resting: Float[Tensor, "resting 1 size size"]  # photographs that are labelled neutral
    rendered: Float[Tensor, "rendered 1 size size"]
    truths: Float[Tensor, "rendered 1 size size"]  # the same rendered people at rest


class RestingBatches:
    """Draws faces with replacement, in fixed shares.

    Raises: DataError if no face is labelled neutral.
    """

    def __init__(
        self,
        faces: ExpressionFaces,
        rendered: FactorialFaces | None,
        augmentation: Augmentation,
        people_share: float,
        rendered_share: float,
    ) -> None:
        self.faces, self.rendered, self.augmentation = faces, rendered, augmentation
        self.rendered_share = rendered_share
        self.batches = RecognitionBatches(faces, synthetic_share=0.0, unlabelled_share=people_share)
        self.resting = np.flatnonzero((faces.real.expression == NEUTRAL).cpu().numpy())
        if not len(self.resting) or (rendered is not None and NEUTRAL not in rendered.expression):
            raise DataError("Some faces must be labelled neutral: they show what a face at rest looks like.")

    def draw(self, count: int, size: int, rng: np.random.Generator, generator: torch.Generator) -> RestingBatch:
        """So many faces in all but those at rest, of which there are a quarter as many."""
        made = 0 if self.rendered is None else round(count * self.rendered_share)
        views = self.batches.draw(count - made, size, self.augmentation, Mixing(), rng, generator)
        resting = self.faces.real.select(torch.from_numpy(rng.choice(self.resting, size=max(1, count // 4))))
        rest = random_views(resting.crops, size, self.augmentation, generator)
        if self.rendered is None:
            return RestingBatch(views, rest, rest[:0], rest[:0])
        people, instances = self.rendered.crops.shape[:2]
        p, shown = rng.integers(people, size=made), rng.integers(instances, size=made)
        own = np.flatnonzero((self.rendered.expression == NEUTRAL).cpu().numpy())[0]
        crops = self.rendered.crops[p, shown], self.rendered.crops[p, own]
        faces, truths = views_alike(*crops, size, self.augmentation, rng)
        return RestingBatch(views, rest, faces, truths)
