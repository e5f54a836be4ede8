"""The reader: landmarks and facial units of photographs, as a face mesh found them, and of rendered faces."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim import AdamW

from fer_demo.data.loading import load_lfw
from fer_demo.errors import SettingsError
from fer_demo.models.landmark_editor import LandmarkEditor, LandmarkEditorConfig
from training.data.augmentation import Augmentation, placed_views, plain_views
from training.data.expression_faces import expression_faces
from training.data.face_set import FaceSet, build_face_set
from training.data.splits import is_stranger
from training.engine.ema import ExponentialMovingAverage, evaluating
from training.engine.objective import Moment, Objective, cosine_rate, on_device, start_from
from training.engine.recipe import Recipe
from training.landmark_editor.editor_objective import EditorObjective
from training.losses.known_error import known_error
from training.losses.unit_divergence import unit_divergence
from training.recognition.auxiliary_tasks import AuxiliaryTargets, auxiliary_targets

_VALIDATED = 512  # photographs of strangers
_OUTER_EYES = (36, 45)


@dataclass(frozen=True)
class FaceReaderRecipe(Recipe):
    """Both heads learn at once from one trunk."""

    images: int = 56_000
    batch: int = 64
    validate_every: int = 8_000
    model: LandmarkEditorConfig = field(default_factory=LandmarkEditorConfig)
    initial: Path | None = None  # folder of an editor of the same shape to start from; None: random weights
    augmentation: Augmentation = field(
        default_factory=lambda: Augmentation(zoom=0.15, turn=10.0, shift=0.05, erase=0.15, side_light=0.25, grain=0.05)
    )
    rate: float = 2e-3  # AdamW, with a cosine down to zero
    weight_decay: float = 1e-2
    half_life: int = 4_000  # of the averaged weights that are published, images
    lfw_share: float = 0.5  # of a batch; its photographs are finer than FER2013's
    rendered_share: float = 0.1
    landmarks_weight: float = 20.0
    units_weight: float = 1.0

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return FaceReaderObjective.create(self, data, accelerator)


class ReaderBatch(NamedTuple):
    """Views of faces with what is known of them."""

    pictures: Tensor  # (batch, 1, size, size) in [-1, 1]
    targets: AuxiliaryTargets


@dataclass
class FaceReaderObjective(EditorObjective):
    """The whole editor is published, but only its reader learns."""

    recipe: FaceReaderRecipe = field(kw_only=True)
    sets: list[tuple[float, FaceSet]] = field(kw_only=True)  # with their shares of a batch
    strangers: FaceSet = field(kw_only=True)

    @classmethod
    def create(cls, recipe: FaceReaderRecipe, data: Path | None, accelerator: Accelerator) -> FaceReaderObjective:
        """Align the faces and make a fresh network.

        Raises: SettingsError without a data folder.
        """
        if data is None:
            raise SettingsError(
                "A reader learns from photographs; give --data the folder that holds fer2013/ and lfw/."
            )
        size = recipe.model.size
        faces = expression_faces(data, size, accelerator.device, synthetic=True, unlabelled=True)
        assert faces.synthetic is not None
        assert faces.unlabelled is not None
        lfw = load_lfw(data)
        apart = np.flatnonzero([is_stranger(name) for name in lfw.column("person")])[:_VALIDATED]
        model = LandmarkEditor(recipe.model)
        real = faces.real.select(faces.real.landmarks.flatten(1).any(dim=1))
        people = faces.unlabelled.select(faces.unlabelled.landmarks.flatten(1).any(dim=1))
        # In the middle of the template's square, which is what a network sees.
        stored = people.crops.shape[-1]
        model.reader.mean_face.copy_(people.landmarks.mean(dim=0) * stored / size)
        if recipe.initial is not None:
            start_from(model, recipe.initial)
        on_device(model, accelerator, torch.channels_last)
        learning = list(model.reader.parameters())
        coarse = 1 - recipe.lfw_share - recipe.rendered_share
        return cls(
            accelerator,
            {"model": model},
            {"model": AdamW(learning, lr=recipe.rate, weight_decay=recipe.weight_decay)},
            {"model": ExponentialMovingAverage(model, recipe.half_life)},
            faces.read,
            recipe=recipe,
            sets=[(recipe.lfw_share, people), (coarse, real), (recipe.rendered_share, faces.synthetic)],
            strangers=build_face_set(lfw.select(apart), size).to(accelerator.device),
        )

    def draw(self, count: int, moment: Moment) -> ReaderBatch:
        counts = [max(1, round(share * count)) for share, _ in self.sets]
        counts[0] = max(1, count - sum(counts[1:]))
        views, targets = [], []
        for number, (_, faces) in zip(counts, self.sets, strict=True):
            chosen = faces.sample(number, moment.rng)
            pictures, placement = placed_views(
                chosen.crops, self.recipe.model.size, self.recipe.augmentation, moment.generator
            )
            views.append(pictures)
            targets.append(auxiliary_targets(chosen, placement))
        # Rendered units are on another scale than those of the mesh.
        targets[-1] = targets[-1]._replace(units_known=torch.zeros_like(targets[-1].units_known))
        return ReaderBatch(
            torch.cat(views), AuxiliaryTargets(*(torch.cat(parts) for parts in zip(*targets, strict=True)))
        )

    def training_step(self, batch: ReaderBatch, moment: Moment) -> dict[str, Tensor]:
        recipe = self.recipe
        self.set_learning_rate("model", cosine_rate(recipe.rate, moment.progress))
        with self.accelerator.autocast():
            landmarks, units = self.editor.reader(batch.pictures)
        targets = batch.targets
        losses = {
            "landmarks": known_error(landmarks.flatten(1), targets.landmarks, targets.landmarks_known),
            "units": unit_divergence(units, targets.units, targets.units_known),
        }
        self.descend(recipe.landmarks_weight * losses["landmarks"] + recipe.units_weight * losses["units"], "model")
        return losses

    def validate(self) -> dict[str, float]:
        """On strangers: how far landmarks are missed, per cent of the outer eye corners' distance, and units found."""
        size, faces = self.recipe.model.size, self.strangers
        with evaluating(self.published()) as model:
            assert isinstance(model, LandmarkEditor)
            read = [model.read(part) for part in plain_views(faces.crops, size).split(128)]
        found, units = (torch.cat(parts) for parts in zip(*read, strict=True))
        true = faces.landmarks * faces.crops.shape[-1] / size
        known = faces.landmarks.flatten(1).any(dim=1)
        across = (true[:, _OUTER_EYES[1]] - true[:, _OUTER_EYES[0]]).norm(dim=1)
        missed = ((found - true).norm(dim=2) / across[:, None])[known] * 100
        a, b = (values[known] - values[known].mean(dim=0) for values in (units, faces.units))
        varied = faces.units[known].std(dim=0) > 0.03
        correlation = (a * b).sum(dim=0) / (a.norm(dim=0) * b.norm(dim=0)).clamp_min(1e-6)
        figures = {
            "inner_face": float(missed[:, 17:].mean()),
            "mouth": float(missed[:, 48:].mean()),
            "units": float(correlation[varied].mean()),
        }
        return {"score": -figures["inner_face"], **figures}

    def published(self) -> LandmarkEditor:
        average = self.averages["model"].average
        assert isinstance(average, LandmarkEditor)
        return average
