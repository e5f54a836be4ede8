"""The stage that trains the expression encoder of a finished warp editor, whose edit network stays frozen.

The encoder starts from the trunk of an expression classifier, which was trained on many more pictures. Recognizers
look at the edits, so it learns which units make a stranger show what the driver shows; with the edit network frozen,
they can only change how its motions are mixed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from jaxtyping import Int
from torch import Tensor, nn
from torch.nn.functional import one_hot
from torch.optim import AdamW

from fer_demo.checkpoints import load_model
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.models.warp_editor import DriverRecognizer, WarpEditor
from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate, on_device
from training.losses.flow_error import motion_around_eyes
from training.losses.unit_error import expression_error, unit_error
from training.warp_editor.batches import EditorBatches, UnitBatch
from training.warp_editor.faces import editor_faces
from training.warp_editor.objective import EditorObjective, EditorRecipe
from training.warp_editor.teachers import EditTeachers
from training.warp_editor.validation import stranger_edits

STRONGEST = 2.0  # largest unit of a prototype; the edit network is trained on 1.5 times a prototype's units
_HEADS = tuple(f"{head}.{part}" for head in ("basic_head", "votes_head") for part in ("weight", "bias"))


@dataclass(frozen=True)
class ExpressionEncoderRecipe(EditorRecipe):
    """Training the encoder alone is several times as fast as training the edit network as well."""

    images: int = 160_000
    batch: int = 64  # a quarter rendered faces, a quarter real people, half drivers
    validate_every: int = 20_000
    editor: Path | None = None  # a published warp editor; a residual encoder goes on learning, a plain one is replaced
    classifier: str = "expression_classifier"  # recognizes drivers, and a new encoder starts from it; name or folder
    rate: float = 5e-4  # AdamW, with a cosine down to zero
    weight_decay: float = 1e-2
    half_life: int = 10_000  # images
    drivers_weight: float = 1.0  # error of a driver's units, whose targets are rough: machine scores and votes
    expression_weight: float = 2.0  # distance of a driver's units from the prototype of its expression
    change_weight: float = 1.0  # error of the change of units between two pictures of a person, the editor's input
    emphasis: float = 0.8  # share of the way from a driver's units to the prototype of its recognized expression
    agreement_weight: float = 16.0  # cross-entropy of teachers on edits of strangers towards a driver or a prototype
    effort_weight: float = 900.0  # squared motion of those edits around the eyes, which carry identity
    # Names or folders; never the judge.
    teachers: tuple[Path, ...] = (Path("expression_classifier"), Path("tdgan"), Path("residual_masking"))
    prototype_rate: float = 1e-2  # of the prototypes, with the same cosine
    prototype_weight: float = 0.1  # distance of the prototypes from the mean units of rendered faces

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return ExpressionEncoderObjective.create(self, data, accelerator)


@dataclass
class ExpressionEncoderObjective(EditorObjective):
    """The whole editor is published; only its encoder and its prototypes are trained."""

    recipe: ExpressionEncoderRecipe = field(kw_only=True)
    teachers: EditTeachers | None = field(kw_only=True)

    @classmethod
    def create(cls, recipe: ExpressionEncoderRecipe, data: Path | None, accelerator: Accelerator) -> Objective:
        """Load the editor and the faces, and make a fresh encoder.

        Raises: SettingsError without a warp editor to start from.
        """
        trained = None if recipe.editor is None else load_model(str(recipe.editor))
        if not isinstance(trained, WarpEditor):
            raise SettingsError("The encoder stage needs a trained warp editor; run the stage before it.")
        faces = editor_faces(data, trained.config.size, recipe.scenes, accelerator.device)
        model = trained
        if trained.config.encoder == "plain":
            model = with_classifier_trunk(trained, recipe.classifier)
            model.expression_prototypes.copy_(faces.prototypes)
        model = with_emphasis(model, recipe.emphasis)
        if model.recognizer is not None:
            copy_classifier(model.recognizer, load_classifier(recipe.classifier))
            remove_class_prior(model.recognizer, faces.drivers.faces.expression)
        model.editor.requires_grad_(False)
        on_device(model, accelerator, torch.contiguous_format)
        model.expression_prototypes.requires_grad_(recipe.agreement_weight > 0)  # of the model a buffer
        encoder: dict[str, Any] = {"params": list(model.expression_encoder.parameters())}
        prototypes: dict[str, Any] = {"params": [model.expression_prototypes], "weight_decay": 0.0}
        return cls(
            accelerator,
            {"model": model},
            {"encoder": AdamW([encoder, prototypes], lr=recipe.rate, weight_decay=recipe.weight_decay)},
            {"model": ExponentialMovingAverage(model, recipe.half_life)},
            faces.read,
            recipe=recipe,
            batches=EditorBatches(faces, model.config.size, recipe.views),
            teachers=EditTeachers(recipe.teachers, accelerator.device) if recipe.agreement_weight else None,
        )

    def validate(self) -> dict[str, float]:
        """The editor's figures; the score adds how often teachers recognize the wanted expression in edits."""
        figures = super().validate()
        figures["score"] = (figures["read_rendered"] + figures["read_real"]) / 2
        if self.teachers is not None:
            figures["agreed"] = self._agreed(self.teachers)
            figures["score"] += figures["agreed"]
        return figures

    def draw(self, count: int, moment: Moment) -> tuple[UnitBatch, UnitBatch, UnitBatch]:
        eighth = max(count // 8, 1)
        rng, generator = moment.rng, moment.generator
        return (
            self.batches.draw_scene_faces(eighth, rng, generator),  # two of each scene
            self.batches.draw_people(2 * eighth, rng, generator),
            self.batches.draw_drivers(max(count - 4 * eighth, 1), rng, generator),
        )

    def training_step(self, batch: tuple[UnitBatch, UnitBatch, UnitBatch], moment: Moment) -> dict[str, Tensor]:
        recipe, model = self.recipe, self._model()
        for group, peak in zip(
            self.optimizers["encoder"].param_groups, (recipe.rate, recipe.prototype_rate), strict=True
        ):
            group["lr"] = cosine_rate(peak, moment.progress)
        with self.accelerator.autocast():
            encoded = model.expression_code(torch.cat([part.pictures for part in batch]))
            rendered, people, drivers = encoded.split([len(part.units) for part in batch])
            losses = {
                name: unit_error(units, known.units, known.trust)
                for name, units, known in zip(
                    ("rendered", "people", "drivers"), (rendered, people, drivers), batch, strict=True
                )
            }
            if self.teachers is not None:
                losses |= self._edit_losses(self.teachers, batch, people.detach(), drivers, moment.generator)
        # The second half of the rendered faces shows the people of the first half again: what a person's looks add to
        # the units cancels out in the difference, which is what the editor gets.
        (one, other), (true_one, true_other) = rendered.chunk(2), batch[0].units.chunk(2)
        losses["change"] = unit_error(other - one, true_other - true_one, torch.ones_like(true_one))
        losses["expression"] = expression_error(drivers, model.expression_prototypes.detach(), batch[2].shares)
        weights = {
            "drivers": recipe.drivers_weight,
            "change": recipe.change_weight,
            "expression": recipe.expression_weight,
            "agreement": recipe.agreement_weight,
            "effort": recipe.effort_weight,
            "prototypes": recipe.prototype_weight,
        }
        self.descend(
            sum((weights.get(name, 1.0) * value for name, value in losses.items()), torch.zeros(())), "encoder"
        )
        with torch.no_grad():
            model.expression_prototypes.clamp_(0, STRONGEST)
        return losses

    def _edit_losses(
        self,
        teachers: EditTeachers,
        batch: tuple[UnitBatch, UnitBatch, UnitBatch],
        own: Tensor,
        drivers: Tensor,
        generator: torch.Generator,
    ) -> dict[str, Tensor]:
        """Losses on edits of real people, three quarters of them towards a driver and the rest towards a prototype."""
        model, sources = self._model(), batch[1].pictures
        driven = len(sources) - max(len(sources) // 4, 1)
        labels = torch.randint(len(BASIC), (len(sources) - driven,), generator=generator, device=own.device)
        towards_drivers = drivers[:driven]
        if model.recognizer is not None:
            towards_drivers = model.emphasized(towards_drivers, model.recognizer(batch[2].pictures[:driven]))
        target = torch.cat([towards_drivers, model.expression_prototypes[labels]])
        shares = torch.cat([batch[2].shares[:driven], one_hot(labels, len(BASIC)).float()])
        edit = model.edit(sources, target, own)
        drift = model.expression_prototypes - self.batches.faces.prototypes
        return {
            "agreement": teachers.error(edit.result, shares),
            "effort": motion_around_eyes(edit.flow),
            "prototypes": drift.abs().sum(dim=1).mean(),
        }

    @torch.no_grad()
    def _agreed(self, teachers: EditTeachers) -> float:
        """How often teachers recognize, in edits of strangers, the expression of the unseen driver."""
        edits = stranger_edits(self.published(), self.batches.faces)
        return float((teachers.log_shares(edits.edit.result).argmax(dim=1) == edits.shown).float().mean())


def with_classifier_trunk(trained: WarpEditor, classifier: str) -> WarpEditor:
    """The same editor with a new encoder that starts from a classifier.

    Raises: SettingsError if there is none of that name.
    """
    model = load_classifier(classifier)
    renewed = WarpEditor(replace(trained.config, encoder="residual", encoder_widths=model.config.widths))
    copy_classifier(renewed.expression_encoder, model)
    renewed.editor.load_state_dict(trained.editor.state_dict())
    return renewed


def with_emphasis(trained: WarpEditor, emphasis: float) -> WarpEditor:
    """The same editor with another emphasis of drivers; 0 switches it off."""
    model = WarpEditor(replace(trained.config, emphasis=emphasis))
    model.editor.load_state_dict(trained.editor.state_dict())
    model.expression_encoder.load_state_dict(trained.expression_encoder.state_dict())
    model.expression_prototypes.copy_(trained.expression_prototypes)
    return model


def remove_class_prior(recognizer: DriverRecognizer, labels: Int[Tensor, " faces"]) -> None:
    """Subtract the class prior of the training labels from the logits (logit adjustment, Menon et al. 2021).

    A driver is chosen for its expression, so every expression is equally likely beforehand.
    """
    counts = torch.bincount(labels[labels >= 0], minlength=len(BASIC)).clamp_min(1).float()
    recognizer.basic_head.bias.sub_(counts.log() - counts.log().mean())


def load_classifier(name: str) -> ExpressionClassifier:
    """An expression classifier by name or folder.

    Raises: SettingsError if it is something else.
    """
    model = load_model(name)
    if not isinstance(model, ExpressionClassifier):
        raise SettingsError(f"{name} is not an expression classifier; choose another classifier.")
    return model


def copy_classifier(network: nn.Module, classifier: ExpressionClassifier) -> None:
    """Copy a classifier's trunk into a network, and its head of basic expressions where the network has one.

    Raises: SettingsError if the two differ in shape.
    """
    own = network.state_dict()
    copied = {
        name: value for name, value in classifier.state_dict().items() if name in own or not name.endswith(_HEADS)
    }
    same = all(name in own and own[name].shape == value.shape for name, value in copied.items())
    if not same or classifier.config.expressions != BASIC:
        raise SettingsError("The classifier has another shape than the encoder; choose another classifier.")
    network.load_state_dict(own | copied)
