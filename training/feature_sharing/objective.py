"""What both stages of selective feature sharing have in common: settings, faces, answers and figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from jaxtyping import Float, Int
from torch import Tensor, nn

from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.images import to_uint8
from fer_demo.models.selective_feature_sharing import SelectiveFeatureSharing, SelectiveFeatureSharingConfig, Shared
from training.data.augmentation import FOR_PAINTERS, Augmentation, plain_views
from training.data.expression_faces import expression_faces
from training.engine.ema import evaluating
from training.engine.objective import Moment, Objective, on_device, start_from
from training.engine.recipe import Recipe
from training.recognition.batches import Mixing, RecognitionBatch, RecognitionBatches
from training.recognition.objective import answer_losses, labelled_accuracy
from training.recognition.validation import recognition_figures

MEMORY_ORDER = torch.channels_last
SHEET_FACES = 8  # rows of the sheet


@dataclass(frozen=True)
class SharingRecipe(Recipe):
    """Settings of both stages."""

    batch: int = 64
    model: SelectiveFeatureSharingConfig = field(default_factory=SelectiveFeatureSharingConfig)
    augmentation: Augmentation = FOR_PAINTERS
    initial: Path | None = None  # folder of a published model of the same shape to start from; None: random weights
    label_smoothing: float = 0.05
    votes_weight: float = 1.0  # of the FER+ votes' loss beside the label's
    translated_share: float = 0.5  # of every batch: faces that are given another expression as well
    half_life: int = 5_000  # of the averaged weights, images

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.translated_share <= 1:
            raise SettingsError("The share of each batch that is translated must lie above 0, up to 1.")

    def prepared(
        self, data: Path | None, accelerator: Accelerator
    ) -> tuple[SelectiveFeatureSharing, RecognitionBatches]:
        """The network to teach, on the training device, and what it is taught on."""
        model = SelectiveFeatureSharing(self.model)
        if self.initial is not None:
            start_from(model, self.initial)
        on_device(model, accelerator, MEMORY_ORDER)
        faces = expression_faces(data, self.model.size, accelerator.device, synthetic=False)
        return model, RecognitionBatches(faces, synthetic_share=0.0, unlabelled_share=0.0)


@dataclass
class SharingObjective(Objective):
    """Draws views, answers for them, and is watched; each stage adds its own step."""

    recipe: SharingRecipe = field(kw_only=True)
    batches: RecognitionBatches = field(kw_only=True)

    def draw(self, count: int, moment: Moment) -> RecognitionBatch:
        size, augmentation = self.recipe.model.size, self.recipe.augmentation
        return self.batches.draw(count, size, augmentation, Mixing(), moment.rng, moment.generator)

    def targets(self, batch: RecognitionBatch, moment: Moment) -> Int[Tensor, " translated"]:
        """A random expression for each of the first faces of a batch, which are those that are translated."""
        count = max(1, round(len(batch.views) * self.recipe.translated_share))
        return torch.randint(len(BASIC), (count,), generator=moment.generator, device=batch.views.device)

    def recognition_losses(
        self, shared: Shared, batch: RecognitionBatch
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The weighted losses of recognition, and figures to be watched."""
        recipe = self.recipe
        basic, votes = (logits.float() for logits in self.model().answers(shared))
        losses = answer_losses(basic, votes, batch, recipe.label_smoothing, recipe.votes_weight)
        return losses, {"accuracy": labelled_accuracy(basic, batch), **_borrowed(shared)}

    def model(self) -> SelectiveFeatureSharing:
        """The network that learns."""
        model = self.networks["model"]
        assert isinstance(model, SelectiveFeatureSharing)
        return model

    def published(self) -> SelectiveFeatureSharing:
        average = self.averages["model"].average
        assert isinstance(average, SelectiveFeatureSharing)
        return average

    def validate(self) -> dict[str, float]:
        return recognition_figures(self.published(), self.batches.faces.validation)

    def sample_sheet(self) -> np.ndarray:
        """Uncurated: the first faces of the validation cut down the side, each with every expression."""
        model = self.published()
        views = plain_views(self.batches.faces.validation.crops[:SHEET_FACES], model.config.size)
        labels = torch.arange(len(BASIC), device=views.device)
        with evaluating(model):
            maps = model.shared(views).synthesis
            columns = [model.painted(views, maps, label.expand(len(views))) for label in labels]
        rows = torch.stack([views, *columns], dim=1)
        return np.concatenate([np.concatenate(list(to_uint8(row)), axis=1) for row in rows], axis=0)


@contextmanager
def without_statistics(network: nn.Module) -> Iterator[None]:
    """Batch norms keep the running means of photographs while painted faces pass, whose own they are normed by.

    Batches of their own for each kind: Xie et al. 2020, "Adversarial Examples Improve Image Recognition", Sec. 4.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum


def _borrowed(shared: Shared) -> dict[str, Float[Tensor, ""]]:
    """What each network takes from the other at each level, for the log."""
    means = shared.borrowed.mean(dim=0)
    return {
        f"{name}_borrows_{level + 1}": share
        for name, row in zip(("recognition", "synthesis"), means, strict=True)
        for level, share in enumerate(row)
    }
