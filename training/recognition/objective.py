"""Learning to recognize expressions: labels, votes, other tasks and teachers, for any network with logits."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor, nn

from fer_demo.published.differences import Difference
from fer_demo.published.model import PublishedModel
from training.data.augmentation import Augmentation
from training.data.expression_faces import expression_faces
from training.data.posed_faces import POSED_SETS
from training.engine.ema import ExponentialMovingAverage, evaluating
from training.engine.muon import Muon
from training.engine.objective import Moment, Objective, cosine_rate, on_device, start_from
from training.engine.recipe import Recipe
from training.losses.knowledge_distillation import knowledge_distillation
from training.losses.triplet_distillation import triplet_distillation
from training.losses.vote_divergence import vote_divergence
from training.recognition.auxiliary_tasks import AuxiliaryHeads, AuxiliaryTasks
from training.recognition.batches import Mixing, RecognitionBatch, RecognitionBatches
from training.recognition.teachers import TaughtAnswers, Teachers, Teaching, TwoHeaded, half_hidden
from training.recognition.validation import recognition_figures

GROWN_UP = 0.7  # of the run: from here on views have their full size
SIZES = 4  # that views grow through


class Read(NamedTuple):
    """What a network makes of a batch of views."""

    features: Float[Tensor, "batch width"]
    basic: Float[Tensor, "batch 7"]  # logits for the label
    votes: Float[Tensor, "batch classes"]  # logits for the votes: WITH_CONTEMPT, or its first seven


@dataclass(frozen=True)
class RecognitionRecipe(Recipe):
    """Settings of every recognizer's training; a recipe adds its network."""

    augmentation: Augmentation = field(default_factory=Augmentation)
    mixing: Mixing = field(default_factory=Mixing)
    auxiliary: AuxiliaryTasks = field(default_factory=AuxiliaryTasks)
    teaching: Teaching = field(default_factory=Teaching)
    initial: Path | None = None  # folder of a published model of the same shape to start from; None: random weights
    optimizer: Literal["adamw", "muon"] = "adamw"
    rate: float = 1e-3  # peak of a cosine
    weight_decay: float = 0.05
    label_smoothing: float = 0.05
    votes_weight: float = 1.0  # of the FER+ votes' loss beside the label's
    synthetic_share: float = 0.12  # of every batch
    unlabelled_share: float = 0.0  # of every batch: LFW, for the auxiliary tasks and the teachers
    posed_share: float = 0.0  # of every batch: people who posed and may teach
    posed_sets: tuple[str, ...] = POSED_SETS  # whose people these are
    start_size: int = 0  # of the views at first, growing to the network's size; 0: that size from the start
    half_life: int = 10_000  # of the averaged weights, images
    fold: int = 0  # which tenth of FER2013 Training is the validation cut
    memory_order: ClassVar[torch.memory_format] = torch.channels_last  # the one this network is fastest in
    differences: ClassVar[tuple[Difference, ...]] = ()  # from the paper, if there is one

    @property
    def pretraining(self) -> dict[str, int]:
        """How many pictures of each set the network has seen before this training."""
        return {}

    @abstractmethod
    def network(self) -> PublishedModel:
        """A network to teach, on the CPU."""

    def learning(self, network: nn.Module) -> Iterable[nn.Parameter]:
        """The part of it that learns."""
        return network.parameters()

    def read(self, network: nn.Module, views: Tensor) -> Read:
        """Features and logits of a batch."""
        assert isinstance(network, TwoHeaded)
        features = network.features(views)
        return Read(features, *network.heads(features))

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        network = self.network()
        if self.initial is not None:
            start_from(network, self.initial)
        device, size = accelerator.device, network.config.size
        faces = expression_faces(
            data,
            size,
            device,
            synthetic=self.synthetic_share > 0,
            unlabelled=self.unlabelled_share > 0,
            posed=self.posed_sets if self.posed_share > 0 else (),
            fold=self.fold,
        )
        networks: dict[str, nn.Module] = {"model": network}
        if self.auxiliary.outputs:
            with evaluating(network):
                width = self.read(network, torch.zeros(1, network.config.channels, size, size)).features.shape[1]
            networks["auxiliary"] = AuxiliaryHeads(width, self.auxiliary)
        for module in networks.values():
            on_device(module, accelerator, self.memory_order)
        learning = [
            *self.learning(network),
            *(p for name in networks if name != "model" for p in networks[name].parameters()),
        ]
        kind = Muon if self.optimizer == "muon" else torch.optim.AdamW
        return RecognitionObjective(
            accelerator,
            networks=networks,
            optimizers={"model": kind(learning, lr=self.rate, weight_decay=self.weight_decay)},
            averages={"model": ExponentialMovingAverage(network, self.half_life)},
            faces_read=faces.read | self.pretraining,
            recipe=self,
            batches=RecognitionBatches(faces, self.synthetic_share, self.unlabelled_share, self.posed_share),
            teachers=Teachers(self.teaching.teachers, device, self.memory_order),
        )


@dataclass
class RecognitionObjective(Objective):
    """Cross-entropy to the label plus cross-entropy to the votes, on random views, and whatever else is set."""

    recipe: RecognitionRecipe = field(kw_only=True)
    batches: RecognitionBatches = field(kw_only=True)
    teachers: Teachers = field(kw_only=True)

    def draw(self, count: int, moment: Moment) -> RecognitionBatch:
        recipe = self.recipe
        size = view_size(recipe.start_size, self.published().config.size, moment.progress)
        return self.batches.draw(count, size, recipe.augmentation, recipe.mixing, moment.rng, moment.generator)

    def training_step(self, batch: RecognitionBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, network = self.recipe, self.networks["model"]
        self.set_learning_rate("model", cosine_rate(recipe.rate, moment.progress))
        taught = None
        with self.accelerator.autocast():
            whole = batch.views.contiguous(memory_format=recipe.memory_order)
            if self.teachers.models:
                taught = self.teachers.answers(whole)
            seen = half_hidden(whole, recipe.teaching, moment.generator)
            read = Read(*(part.float() for part in recipe.read(network, seen)))
        losses = answer_losses(read.basic, read.votes, batch, recipe.label_smoothing, recipe.votes_weight)
        if taught is not None:
            losses = self._taught(losses, read, taught, batch)
        if "auxiliary" in self.networks:
            heads = self.networks["auxiliary"]
            assert isinstance(heads, AuxiliaryHeads)
            losses |= heads.losses(read.features, batch.auxiliary)
        self.descend(torch.stack(list(losses.values())).sum(), "model")
        return {**losses, "accuracy": labelled_accuracy(read.basic, batch)}

    def validate(self) -> dict[str, float]:
        """Always at full size: while views are small, these figures are lower than what the network has learnt."""
        return recognition_figures(self.published(), self.batches.faces.validation)

    def published(self) -> PublishedModel:
        average = self.averages["model"].average
        assert isinstance(average, PublishedModel)
        return average

    def _taught(
        self, losses: dict[str, Tensor], read: Read, taught: TaughtAnswers, batch: RecognitionBatch
    ) -> dict[str, Tensor]:
        """(1 - lambda) of the losses, lambda of the teachers' on both heads, and triplets if wanted."""
        teaching = self.recipe.teaching
        share = teaching.teacher_weight
        parts = {name: (1 - share) * loss for name, loss in losses.items()}
        parts["teachers"] = share * knowledge_distillation(read.basic, taught.basic, teaching.temperature)
        known = taught.votes[..., : read.votes.shape[1]]  # a branch of TDGAN answers without contempt
        votes = knowledge_distillation(read.votes, known, teaching.temperature)
        parts["teachers_votes"] = share * self.recipe.votes_weight * votes
        if teaching.triplet_weight:
            triplets = triplet_distillation(read.features, taught.features, batch.expression, teaching.triplet_margin)
            parts["triplets"] = teaching.triplet_weight * triplets
        return parts


def answer_losses(
    basic: Float[Tensor, "batch 7"],
    votes: Float[Tensor, "batch classes"],
    batch: RecognitionBatch,
    smoothing: float,
    votes_weight: float,
) -> dict[str, Tensor]:
    """Cross-entropy of the logits to the smoothed label and to the shares of the votes, each with its weight."""
    labels = (1 - smoothing) * batch.labels + smoothing * batch.labels.mean(dim=1, keepdim=True)
    return {
        "label": vote_divergence(basic, labels),
        "votes": votes_weight * vote_divergence(votes, batch.votes[:, : votes.shape[1]]),
    }


def labelled_accuracy(basic: Float[Tensor, "batch 7"], batch: RecognitionBatch) -> Float[Tensor, ""]:
    """Share of the labelled views whose label is the most likely answer."""
    labelled = batch.expression >= 0
    return (basic.argmax(dim=1) == batch.expression)[labelled].float().mean()


def view_size(start: int, full: int, progress: float) -> int:
    """Side of the views at this point of a run: small ones cost less, and early on they teach as much."""
    if not start:
        return full
    grown = min(SIZES - 1, int(progress / GROWN_UP * (SIZES - 1)))
    return round(start + (full - start) * grown / (SIZES - 1))
