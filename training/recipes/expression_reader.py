"""A better expression encoder for a trained warp editor: its code is made of units, so the editor need not know.

It starts from an expression classifier, which has learnt from many more pictures what faces show.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim import AdamW

from fer_demo.checkpoints import load_model
from fer_demo.errors import SettingsError
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.models.warp_editor import WarpEditor
from training.edit_views import ViewSettings
from training.editor_batches import EditorBatches, ReadFaces
from training.editor_faces import editor_faces
from training.editor_objective import EditorObjective
from training.ema import ExponentialMovingAverage
from training.losses.unit_error import expression_error, unit_error
from training.objective import Moment, Objective, cosine_rate, on_device
from training.recipe import Recipe

_HEADS = tuple(f"{head}.{part}" for head in ("basic_head", "votes_head") for part in ("weight", "bias"))


@dataclass(frozen=True)
class ExpressionReaderRecipe(Recipe):
    """Learning to read alone is several times as fast as learning to edit as well."""

    images: int = 160_000
    batch: int = 64  # a quarter rendered faces, an eighth real people, the rest drivers
    validate_every: int = 20_000
    editor: Path | None = None  # a published warp editor; it stays as it is
    classifier: str = "expression_classifier"  # name or folder of what the encoder starts from
    scenes: int = 750  # those the editor was trained with, so that the same people stay unseen
    views: ViewSettings = field(default_factory=ViewSettings)
    rate: float = 5e-4  # AdamW, with a cosine down to zero
    weight_decay: float = 1e-2
    half_life: int = 10_000  # images
    expression_weight: float = 1.0  # nearness of a driver's units to the prototype of what it shows
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
        classifier = load_model(recipe.classifier)
        if not isinstance(classifier, ExpressionClassifier):
            raise SettingsError(f"{recipe.classifier} is no expression classifier; choose another --classifier.")
        model = WarpEditor(replace(trained.config, encoder="residual", encoder_widths=classifier.config.widths))
        start_from(model.expression_encoder, classifier)
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

    def validate(self) -> dict[str, float]:
        """The editor's figures; the score is how well the units of rendered and of real faces are read."""
        figures = super().validate()
        return figures | {"score": (figures["read_rendered"] + figures["read_real"]) / 2}

    def draw(self, count: int, moment: Moment) -> tuple[ReadFaces, ReadFaces, ReadFaces]:
        eighth = max(count // 8, 1)
        rng, generator = moment.rng, moment.generator
        return (
            self.batches.draw_scene_faces(eighth, rng, generator),  # two of each scene
            self.batches.draw_people(eighth, rng, generator),
            self.batches.draw_drivers(max(count - 3 * eighth, 1), rng, generator),
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
        drivers = batch[2]
        losses["expression"] = expression_error(parts["drivers"], model.expression_prototypes, drivers.shares)
        weights = {"change": self.recipe.change_weight, "expression": self.recipe.expression_weight}
        loss = sum((weights.get(name, 1.0) * value for name, value in losses.items()), torch.zeros(()))
        self.descend(loss, "encoder")
        return losses


def start_from(encoder: nn.Module, classifier: ExpressionClassifier) -> None:
    """Give an encoder what a classifier has learnt; its head stays fresh.

    Raises: SettingsError if the two differ in shape.
    """
    learnt = {name: value for name, value in classifier.state_dict().items() if not name.endswith(_HEADS)}
    own = encoder.state_dict()
    if any(name not in own or own[name].shape != value.shape for name, value in learnt.items()):
        raise SettingsError("The classifier has another shape than the encoder; choose another --classifier.")
    encoder.load_state_dict(own | learnt)
