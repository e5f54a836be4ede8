"""Recognition goes on with painted faces of the rare expressions, while synthesis is held to what it was."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cross_entropy, l1_loss
from torch.optim import Adam

from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.models.selective_feature_sharing import SelectiveFeatureSharing
from training.data.face_set import FaceSet
from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate
from training.feature_sharing.objective import MEMORY_ORDER, SharingObjective, SharingRecipe, without_statistics
from training.recognition.batches import RecognitionBatch


@dataclass(frozen=True)
class BalancingRecipe(SharingRecipe):
    """Starts from `initial`, which paints; it needs no critic, since it learns to paint no further."""

    images: int = 100_000
    rate: float = 3e-4  # the peak of a cosine
    synthetic_weight: float = 0.4  # of the painted faces' labels; 0: recognition goes on without them
    held_weight: float = 10.0  # of the distance to what was painted before

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        if self.initial is None:
            raise SettingsError("Balancing needs a model that paints; run the joint stage first.")
        model, batches = self.prepared(data, accelerator)
        return BalancingObjective(
            accelerator,
            networks={"model": model},
            optimizers={"model": Adam(model.parameters(), lr=self.rate, betas=(0.5, 0.999))},
            averages={"model": ExponentialMovingAverage(model, self.half_life)},
            faces_read=batches.faces.read,
            recipe=self,
            batches=batches,
            painter=copy.deepcopy(model).requires_grad_(False).eval(),
            weights=missing_shares(batches.faces.real).to(accelerator.device),
        )


@dataclass
class BalancingObjective(SharingObjective):
    """Labels and votes of photographs, labels of painted faces, and the painter's own pictures."""

    recipe: BalancingRecipe = field(kw_only=True)
    painter: SelectiveFeatureSharing = field(kw_only=True)  # as the joint stage left it
    weights: Float[Tensor, " expressions"] = field(kw_only=True)

    def training_step(self, batch: RecognitionBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, model = self.recipe, self.model()
        self.set_learning_rate("model", cosine_rate(recipe.rate, moment.progress))
        targets = self.targets(batch, moment)
        count = len(targets)
        views = batch.views.contiguous(memory_format=MEMORY_ORDER)
        faces = views[:count]
        with self.accelerator.autocast():
            with torch.no_grad():
                made = self.painter.painted(faces, self.painter.shared(faces).synthesis, targets)
            shared = model.shared(views)
            painted = model.painted(faces, [maps[:count] for maps in shared.synthesis], targets)
            losses, figures = self.recognition_losses(shared, batch)
            with without_statistics(model):
                told = model.expression_logits(made)
        of_each = cross_entropy(told.float(), targets, reduction="none")
        losses["synthetic"] = recipe.synthetic_weight * (self.weights[targets] * of_each).mean()
        losses["held"] = recipe.held_weight * l1_loss(painted.float(), made.float())
        self.descend(torch.stack(list(losses.values())).sum(), "model")
        return {**losses, **figures}


def missing_shares(faces: FaceSet) -> Float[Tensor, " expressions"]:
    """How many faces each expression lacks beside the most frequent one, as weights whose mean is 1.

    Targets drawn evenly and weighted so balance the set. Where nothing is missing, all count alike.
    """
    counts = torch.bincount(faces.expression[faces.expression >= 0], minlength=len(BASIC)).float()
    missing = counts.max() - counts
    return missing / missing.mean() if missing.any() else torch.ones_like(missing)
