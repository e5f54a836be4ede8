"""A better expression encoder for a trained warp editor: its code is made of units, so the editor need not know."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim import AdamW

from fer_demo.checkpoints import load_model
from fer_demo.errors import SettingsError
from fer_demo.models.warp_editor import WarpEditor
from training.edit_views import ViewSettings
from training.editor_batches import EditorBatches, ReadFaces
from training.editor_faces import editor_faces
from training.editor_objective import EditorObjective
from training.ema import ExponentialMovingAverage
from training.losses.unit_error import unit_error
from training.objective import Moment, Objective, cosine_rate, on_device
from training.recipe import Recipe


@dataclass(frozen=True)
class ExpressionReaderRecipe(Recipe):
    """Learning to read alone is several times as fast as learning to edit as well."""

    images: int = 300_000
    batch: int = 64  # half rendered faces, a quarter real people, a quarter drivers
    validate_every: int = 50_000
    editor: Path | None = None  # a published warp editor; it stays as it is
    encoder_widths: tuple[int, ...] = (24, 48, 96, 192, 256)
    scenes: int = 750  # those the editor was trained with, so that the same people stay unseen
    views: ViewSettings = field(default_factory=ViewSettings)
    rate: float = 2e-3  # AdamW, with a cosine down to zero
    weight_decay: float = 1e-2
    half_life: int = 10_000  # images
    change_weight: float = 1.0  # error of the change between two pictures of a person: it is what an edit is told

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return ExpressionReaderObjective.create(self, data, accelerator)


@dataclass
class ExpressionReaderObjective(EditorObjective):
    """The whole editor is published, but only its encoder learns."""

    recipe: ExpressionReaderRecipe = field(kw_only=True)

    @classmethod
    def create(cls, recipe: ExpressionReaderRecipe, data: Path | None, accelerator: Accelerator) -> Objective:
        """Load the editor and the faces, and make a fresh encoder.

        Raises: SettingsError without a warp editor to start from.
        """
        trained = None if recipe.editor is None else load_model(str(recipe.editor))
        if not isinstance(trained, WarpEditor):
            raise SettingsError("Name the folder of a trained warp editor with --editor.")
        model = WarpEditor(replace(trained.config, encoder_widths=recipe.encoder_widths))
        model.editor.load_state_dict(trained.editor.state_dict())
        model.editor.requires_grad_(False)
        faces = editor_faces(data, model.config.size, recipe.scenes, accelerator.device)
        model.expression_prototypes.copy_(faces.prototypes)
        on_device(model, accelerator, torch.contiguous_format)
        learning = model.expression_encoder.parameters()
        return cls(
            accelerator,
            {"model": model},
            {"encoder": AdamW(learning, lr=recipe.rate, weight_decay=recipe.weight_decay)},
            {"model": ExponentialMovingAverage(model, recipe.half_life)},
            recipe=recipe,
            batches=EditorBatches(faces, model.config.size, recipe.views),
        )

    def draw(self, count: int, moment: Moment) -> tuple[ReadFaces, ReadFaces, ReadFaces]:
        quarter = max(count // 4, 1)
        rng, generator = moment.rng, moment.generator
        return (
            self.batches.draw_scene_faces(quarter, rng, generator),
            self.batches.draw_people(quarter, rng, generator),
            self.batches.draw_drivers(quarter, rng, generator),
        )

    def training_step(self, batch: tuple[ReadFaces, ReadFaces, ReadFaces], moment: Moment) -> dict[str, Tensor]:
        self.set_learning_rate("encoder", cosine_rate(self.recipe.rate, moment.progress))
        model = self.networks["model"]
        assert isinstance(model, WarpEditor)
        with self.accelerator.autocast():
            read = model.expression_code(torch.cat([part.pictures for part in batch]))
            parts = dict(zip(("rendered", "people", "drivers"), read.split([len(b.units) for b in batch]), strict=True))
        losses = {
            name: unit_error(units, known.units, known.trust)
            for (name, units), known in zip(parts.items(), batch, strict=True)
        }
        # The second half of the rendered faces are other pictures of the people in the first: what a person's looks
        # add to a reading cancels out, and the editor is only told the difference.
        (one, other), (true_one, true_other) = parts["rendered"].chunk(2), batch[0].units.chunk(2)
        losses["change"] = unit_error(other - one, true_other - true_one, torch.ones_like(true_one))
        weights = {"change": self.recipe.change_weight}
        loss = sum((weights.get(name, 1.0) * value for name, value in losses.items()), torch.zeros(()))
        self.descend(loss, "encoder")
        return losses
