"""Training of the compact recognizer on FER2013 labels, FER+ votes and a share of synthetic faces."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.nn.functional import cross_entropy

from fer_demo.checkpoints import load_model
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from training.augmentation import Augmentation, random_views
from training.ema import ExponentialMovingAverage
from training.face_set import FaceSet, concatenate
from training.losses.vote_divergence import vote_divergence
from training.objective import Moment, Objective, cosine_rate, on_device
from training.recipe import Recipe
from training.training_faces import expression_faces
from training.validation import recognition_figures


@dataclass(frozen=True)
class ExpressionClassifierRecipe(Recipe):
    """Defaults fit two CPU cores."""

    images: int = 600_000
    model: ExpressionClassifierConfig = field(default_factory=ExpressionClassifierConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)
    rate: float = 2e-3  # peak of a cosine, AdamW
    weight_decay: float = 0.05
    label_smoothing: float = 0.05
    votes_weight: float = 1.0  # of the FER+ head's loss beside the label's
    synthetic_share: float = 0.12  # of every batch
    half_life: int = 10_000  # of the averaged weights, images
    initial: Path | None = None  # folder of a published model to start from; None: random weights

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return ExpressionClassifierObjective.create(self, data, accelerator)


@dataclass
class ExpressionClassifierObjective(Objective):
    """Cross-entropy to the label plus cross-entropy to the votes, on random views."""

    recipe: ExpressionClassifierRecipe = field(kw_only=True)
    real: FaceSet = field(kw_only=True)
    synthetic: FaceSet | None = field(kw_only=True)
    validation: FaceSet = field(kw_only=True)

    @classmethod
    def create(
        cls, recipe: ExpressionClassifierRecipe, data: Path | None, accelerator: Accelerator
    ) -> ExpressionClassifierObjective:
        """Load the faces and make a fresh network."""
        faces = expression_faces(data, recipe.model.size, accelerator.device, recipe.synthetic_share > 0)
        network = ExpressionClassifier(recipe.model)
        if recipe.initial is not None:
            network.load_state_dict(load_model(str(recipe.initial)).state_dict())
        on_device(network, accelerator)
        return cls(
            accelerator,
            networks={"model": network},
            optimizers={
                "model": torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)
            },
            averages={"model": ExponentialMovingAverage(network, recipe.half_life)},
            recipe=recipe,
            real=faces.real,
            synthetic=faces.synthetic,
            validation=faces.validation,
        )

    def draw(self, count: int, moment: Moment) -> tuple[Tensor, FaceSet]:
        rendered = 0 if self.synthetic is None else round(count * self.recipe.synthetic_share)
        faces = self.real.sample(count - rendered, moment.rng)
        if self.synthetic is not None:
            faces = concatenate([faces, self.synthetic.sample(rendered, moment.rng)])
        return random_views(faces.crops, self.recipe.model.size, self.recipe.augmentation, moment.generator), faces

    def training_step(self, batch: tuple[Tensor, FaceSet], moment: Moment) -> dict[str, Tensor]:
        views, labels = batch
        self.set_learning_rate("model", cosine_rate(self.recipe.rate, moment.progress))
        with self.accelerator.autocast():
            basic, votes = self.networks["model"](views.contiguous(memory_format=torch.channels_last))
        label_loss = cross_entropy(basic.float(), labels.expression, label_smoothing=self.recipe.label_smoothing)
        votes_loss = vote_divergence(votes.float(), labels.votes)
        self.descend(label_loss + self.recipe.votes_weight * votes_loss, "model")
        correct = (basic.argmax(dim=1) == labels.expression).float().mean()
        return {"label": label_loss, "votes": votes_loss, "accuracy": correct}

    def validate(self) -> dict[str, float]:
        return recognition_figures(self.published(), self.validation)

    def published(self) -> ExpressionClassifier:
        average = self.averages["model"].average
        assert isinstance(average, ExpressionClassifier)
        return average
