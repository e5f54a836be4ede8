"""The expression branch of TDGAN taught to recognize first: E_e and M_ER alone, before faces are painted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.nn.functional import cross_entropy

from fer_demo.models.tdgan import TDGAN, TDGANConfig
from training.augmentation import Augmentation, random_views
from training.ema import ExponentialMovingAverage
from training.face_set import FaceSet, concatenate
from training.losses.vote_divergence import vote_divergence
from training.objective import Moment, Objective, cosine_rate, on_device
from training.recipe import Recipe
from training.training_faces import expression_faces
from training.validation import recognition_figures


@dataclass(frozen=True)
class ExpressionBranchRecipe(Recipe):
    """A start for the repaired TDGAN; the rest of the network stays untrained."""

    images: int = 400_000
    batch: int = 64
    model: TDGANConfig = field(default_factory=TDGANConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)
    rate: float = 5e-4  # peak of a cosine, AdamW
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    votes_weight: float = 1.0  # of the FER+ votes without contempt, as a second target of the same logits
    synthetic_share: float = 0.12  # of every batch
    half_life: int = 10_000  # of the averaged weights, images

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        faces = expression_faces(data, self.model.size, accelerator.device, self.synthetic_share > 0)
        network = TDGAN(self.model)
        on_device(network, accelerator)
        learning = [*network.expression_encoder.parameters(), *network.expression_head.parameters()]
        return ExpressionBranchObjective(
            accelerator,
            networks={"model": network},
            optimizers={"branch": torch.optim.AdamW(learning, lr=self.rate, weight_decay=self.weight_decay)},
            averages={"model": ExponentialMovingAverage(network, self.half_life)},
            recipe=self,
            real=faces.real,
            synthetic=faces.synthetic,
            validation=faces.validation,
        )


@dataclass
class ExpressionBranchObjective(Objective):
    """Cross-entropy to the label and to the votes, through the expression encoder."""

    recipe: ExpressionBranchRecipe = field(kw_only=True)
    real: FaceSet = field(kw_only=True)
    synthetic: FaceSet | None = field(kw_only=True)
    validation: FaceSet = field(kw_only=True)

    def draw(self, count: int, moment: Moment) -> tuple[Tensor, FaceSet]:
        rendered = 0 if self.synthetic is None else round(count * self.recipe.synthetic_share)
        faces = self.real.sample(count - rendered, moment.rng)
        if self.synthetic is not None:
            faces = concatenate([faces, self.synthetic.sample(rendered, moment.rng)])
        return random_views(faces.crops, self.recipe.model.size, self.recipe.augmentation, moment.generator), faces

    def training_step(self, batch: tuple[Tensor, FaceSet], moment: Moment) -> dict[str, Tensor]:
        views, labels = batch
        model = self.networks["model"]
        assert isinstance(model, TDGAN)
        self.set_learning_rate("branch", cosine_rate(self.recipe.rate, moment.progress))
        with self.accelerator.autocast():
            logits = model.expression_logits(views.contiguous(memory_format=torch.channels_last)).float()
        label_loss = cross_entropy(logits, labels.expression, label_smoothing=self.recipe.label_smoothing)
        votes_loss = vote_divergence(logits, labels.votes[:, : logits.shape[1]])
        self.descend(label_loss + self.recipe.votes_weight * votes_loss, "branch")
        correct = (logits.argmax(dim=1) == labels.expression).float().mean()
        return {"label": label_loss, "votes": votes_loss, "accuracy": correct}

    def validate(self) -> dict[str, float]:
        return recognition_figures(self.published(), self.validation)

    def published(self) -> TDGAN:
        average = self.averages["model"].average
        assert isinstance(average, TDGAN)
        return average
