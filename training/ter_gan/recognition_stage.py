"""TER-GAN's second stage: cross-entropy reaches the expression encoder, and the decoder keeps up with it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import l1_loss
from torch.optim import AdamW

from fer_demo.errors import SettingsError
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from training.data.augmentation import Augmentation, random_views
from training.data.expression_faces import ExpressionFaces
from training.data.transfer_faces import transfer_faces
from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate, on_device, start_from
from training.engine.recipe import Recipe
from training.recognition.batches import Mixing, RecognitionBatch, RecognitionBatches
from training.recognition.objective import answer_losses, labelled_accuracy
from training.recognition.validation import recognition_figures
from training.two_codes.objective import TwoCodesObjective
from training.two_codes.validation import code_distances, painting_figures


@dataclass(frozen=True)
class FineTuningRecipe(Recipe):
    """Starts from `initial`, which paints; weights and length are ours."""

    images: int = 450_000
    batch: int = 64
    rate: float = 3e-4  # the peak of a cosine, AdamW
    weight_decay: float = 0.02
    model: TDGANConfig = field(default_factory=TDGANConfig)
    augmentation: Augmentation = field(default_factory=Augmentation)
    initial: Path | None = None  # folder of the model that the painting stage left
    label_smoothing: float = 0.05
    votes_weight: float = 1.0  # of the FER+ votes' loss beside the label's
    held_weight: float = 10.0  # of the distance to what was painted before
    held_share: float = 0.25  # of every batch: faces whose expression is painted on somebody
    persons: int = 500  # of LFW: those with most photographs
    half_life: int = 10_000  # of the averaged weights, images

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        if self.initial is None:
            raise SettingsError("Recognition stands on codes that paint; run the painting stage first.")
        if not 0 < self.held_share <= 1:
            raise SettingsError("The share of each batch that is painted must lie above 0, up to 1.")
        model, size = TDGAN(self.model), self.model.size
        start_from(model, self.initial)
        on_device(model, accelerator, torch.contiguous_format)
        faces = transfer_faces(data, size, self.persons, data is not None, accelerator.device)
        painter = copy.deepcopy(model).requires_grad_(False).eval()
        model.identity_encoder.requires_grad_(False)
        learning = [weights for weights in model.parameters() if weights.requires_grad]
        labelled = ExpressionFaces(faces.expressions, None, faces.validation)
        return FineTuningObjective(
            accelerator,
            networks={"model": model},
            optimizers={"model": AdamW(learning, lr=self.rate, weight_decay=self.weight_decay)},
            averages={"model": ExponentialMovingAverage(model, self.half_life)},
            faces_read=faces.read,
            recipe=self,
            faces=faces,
            batches=RecognitionBatches(labelled, synthetic_share=0.0, unlabelled_share=0.0),
            painter=painter,
        )


class FineTuningBatch(NamedTuple):
    """Labelled views, and people on whom the expressions of the first of them are painted."""

    labelled: RecognitionBatch
    people: Float[Tensor, "held 1 size size"]


@dataclass
class FineTuningObjective(TwoCodesObjective):
    """Labels and votes through head and encoder; pictures as the painting stage painted them."""

    recipe: FineTuningRecipe = field(kw_only=True)
    batches: RecognitionBatches = field(kw_only=True)
    painter: TDGAN = field(kw_only=True)  # as the painting stage left it

    def draw(self, count: int, moment: Moment) -> FineTuningBatch:
        recipe, size = self.recipe, self.recipe.model.size
        labelled = self.batches.draw(count, size, recipe.augmentation, Mixing(), moment.rng, moment.generator)
        people = self.faces.people.sample(max(1, round(count * recipe.held_share)), moment.rng)
        return FineTuningBatch(labelled, random_views(people.crops, size, recipe.augmentation, moment.generator))

    def training_step(self, batch: FineTuningBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, model, held = self.recipe, self._model(), len(batch.people)
        self.set_learning_rate("model", cosine_rate(recipe.rate, moment.progress))
        views = batch.labelled.views
        with self.accelerator.autocast():
            code = model.expression_code(views)
            logits = model.expression_head(code).float()
            with torch.no_grad():
                identity = self.painter.identity_code(batch.people)
                before = self.painter.paint(identity, self.painter.expression_code(views[:held]))
            now = model.paint(identity, code[:held])
        losses = answer_losses(logits, logits, batch.labelled, recipe.label_smoothing, recipe.votes_weight)
        losses["held"] = recipe.held_weight * l1_loss(now.float(), before.float())
        self.descend(torch.stack(list(losses.values())).sum(), "model")
        return {**losses, "accuracy": labelled_accuracy(logits, batch.labelled)}

    def validate(self) -> dict[str, float]:
        """Accuracy, which chooses, and how pictures and codes of strangers still are."""
        average = self._average()
        pictures = painting_figures(average, self.faces) | code_distances(average, self.faces)
        return recognition_figures(average, self.faces.validation) | pictures
