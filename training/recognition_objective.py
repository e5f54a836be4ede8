"""Learning to recognize expressions: labels, votes and a share of synthetic faces, for any network with logits."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from fer_demo.published_model import PublishedModel
from training.augmentation import Augmentation, random_views
from training.ema import ExponentialMovingAverage
from training.face_set import FaceSet, concatenate
from training.losses.vote_divergence import vote_divergence
from training.objective import Moment, Objective, cosine_rate, on_device
from training.recipe import Recipe
from training.training_faces import ExpressionFaces, expression_faces
from training.validation import recognition_figures


@dataclass(frozen=True)
class RecognitionRecipe(Recipe):
    """Settings of every recognizer's training; a recipe adds its network."""

    augmentation: Augmentation = field(default_factory=Augmentation)
    rate: float = 1e-3  # peak of a cosine, AdamW
    weight_decay: float = 0.05
    label_smoothing: float = 0.05
    votes_weight: float = 1.0  # of the FER+ votes' loss beside the label's
    synthetic_share: float = 0.12  # of every batch
    half_life: int = 10_000  # of the averaged weights, images
    memory_order: ClassVar[torch.memory_format] = torch.channels_last  # the one this network is fastest in

    @abstractmethod
    def network(self) -> PublishedModel:
        """A network to teach, on the CPU."""

    @abstractmethod
    def learning(self, network: nn.Module) -> Iterable[nn.Parameter]:
        """The part of it that learns."""

    @abstractmethod
    def logits(self, network: nn.Module, views: Tensor) -> tuple[Tensor, Tensor]:
        """Logits for the label (BASIC) and for the votes (WITH_CONTEMPT, or its first seven)."""

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        network = self.network()
        faces = expression_faces(data, network.config.size, accelerator.device, self.synthetic_share > 0)
        on_device(network, accelerator, self.memory_order)
        optimizer = torch.optim.AdamW(self.learning(network), lr=self.rate, weight_decay=self.weight_decay)
        return RecognitionObjective(
            accelerator,
            networks={"model": network},
            optimizers={"model": optimizer},
            averages={"model": ExponentialMovingAverage(network, self.half_life)},
            recipe=self,
            faces=faces,
        )


@dataclass
class RecognitionObjective(Objective):
    """Cross-entropy to the label plus cross-entropy to the votes, on random views."""

    recipe: RecognitionRecipe = field(kw_only=True)
    faces: ExpressionFaces = field(kw_only=True)

    def draw(self, count: int, moment: Moment) -> tuple[Tensor, FaceSet]:
        synthetic = self.faces.synthetic
        rendered = 0 if synthetic is None else round(count * self.recipe.synthetic_share)
        faces = self.faces.real.sample(count - rendered, moment.rng)
        if synthetic is not None:
            faces = concatenate([faces, synthetic.sample(rendered, moment.rng)])
        size = self.published().config.size
        return random_views(faces.crops, size, self.recipe.augmentation, moment.generator), faces

    def training_step(self, batch: tuple[Tensor, FaceSet], moment: Moment) -> dict[str, Tensor]:
        views, labels = batch
        self.set_learning_rate("model", cosine_rate(self.recipe.rate, moment.progress))
        with self.accelerator.autocast():
            ordered = views.contiguous(memory_format=self.recipe.memory_order)
            basic, votes = self.recipe.logits(self.networks["model"], ordered)
        label_loss = cross_entropy(basic.float(), labels.expression, label_smoothing=self.recipe.label_smoothing)
        votes_loss = vote_divergence(votes.float(), labels.votes[:, : votes.shape[1]])
        self.descend(label_loss + self.recipe.votes_weight * votes_loss, "model")
        correct = (basic.argmax(dim=1) == labels.expression).float().mean()
        return {"label": label_loss, "votes": votes_loss, "accuracy": correct}

    def validate(self) -> dict[str, float]:
        return recognition_figures(self.published(), self.faces.validation)

    def published(self) -> PublishedModel:
        average = self.averages["model"].average
        assert isinstance(average, PublishedModel)
        return average
