"""A better expression encoder for a trained warp editor: its code is made of units, so the editor need not know.

It starts from an expression classifier, which has learnt from many more pictures what faces show, and it learns which
units make a stranger show what the driver shows: recognizers look at the edits. The editor stays as it is, so all they
can ask for is another mixture of the motions that it has learnt.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn.functional import one_hot
from torch.optim import AdamW

from fer_demo.checkpoints import load_model
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.models.warp_editor import WarpEditor
from training.augmentation import plain_views
from training.edit_teachers import EditTeachers
from training.edit_views import ViewSettings
from training.editor_batches import EditorBatches, ReadFaces
from training.editor_faces import editor_faces
from training.editor_objective import EditorObjective
from training.editor_validation import rows_of_each_expression, stranger_edits
from training.ema import ExponentialMovingAverage, evaluating
from training.losses.unit_error import expression_error, unit_error
from training.losses.vote_divergence import vote_divergence
from training.objective import Moment, Objective, cosine_rate, on_device
from training.recipe import Recipe

_RECOGNIZED = 40  # unseen drivers of each expression
STRONGEST = 1.5  # unit of a prototype; the editor learnt from units up to 1, EMPHASIS times as strong on photographs
_HEADS = tuple(f"{head}.{part}" for head in ("basic_head", "votes_head") for part in ("weight", "bias"))


@dataclass(frozen=True)
class ExpressionReaderRecipe(Recipe):
    """Learning to read alone is several times as fast as learning to edit as well."""

    images: int = 160_000
    batch: int = 64  # a quarter rendered faces, a quarter real people, half drivers
    validate_every: int = 20_000
    editor: Path | None = None  # a published warp editor; a residual encoder goes on learning, a plain one is replaced
    initial: Path | None = None  # another one, whose encoder and prototypes to start from; None: the editor's own
    classifier: str = "expression_classifier"  # name or folder of what a new encoder starts from
    scenes: int = 750  # those the editor was trained with, so that the same people stay unseen
    views: ViewSettings = field(default_factory=ViewSettings)
    rate: float = 5e-4  # AdamW, with a cosine down to zero
    weight_decay: float = 1e-2
    half_life: int = 10_000  # images
    drivers_weight: float = 1.0  # error of a driver's units, which machines and votes know only roughly
    expression_weight: float = 2.0  # nearness of a driver's units to the prototype of what it shows
    change_weight: float = 1.0  # error of the change between two pictures of a person: it is what an edit is told
    emphasis: float = 0.5  # of the model: how far a driver's units are drawn to the prototype of what it shows
    recognition_weight: float = 2.0  # of the expression of drivers, by labels and votes and by what the teachers see
    agreement_weight: float = 16.0  # what teachers see in strangers who are given a driver's or a prototype's units
    teachers: tuple[Path, ...] = (Path("expression_classifier"), Path("tdgan"))  # names or folders; never a judge
    prototype_rate: float = 1e-2  # of the prototypes, with the same cosine: few numbers, a long way to go
    prototype_weight: float = 1.0  # nearness of the prototypes to what the renderer's faces show

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return ExpressionReaderObjective.create(self, data, accelerator)


@dataclass
class ExpressionReaderObjective(EditorObjective):
    """The whole editor is published, but only its encoder and its prototypes learn."""

    recipe: ExpressionReaderRecipe = field(kw_only=True)
    teachers: EditTeachers | None = field(kw_only=True)

    @classmethod
    def create(cls, recipe: ExpressionReaderRecipe, data: Path | None, accelerator: Accelerator) -> Objective:
        """Load the editor and the faces, and make a fresh encoder.

        Raises: SettingsError without a warp editor to start from.
        """
        trained = None if recipe.editor is None else load_model(str(recipe.editor))
        if not isinstance(trained, WarpEditor):
            raise SettingsError("Name the folder of a trained warp editor with --editor.")
        faces = editor_faces(data, trained.config.size, recipe.scenes, accelerator.device)
        model = trained
        if trained.config.encoder == "plain":
            model = with_classifiers_trunk(trained, recipe.classifier)
            model.expression_prototypes.copy_(faces.prototypes)
        if recipe.initial is not None:
            take_reader(model, recipe.initial)
        model = with_emphasis(model, recipe.emphasis)
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
            recipe=recipe,
            batches=EditorBatches(faces, model.config.size, recipe.views),
            teachers=EditTeachers(recipe.teachers, accelerator.device) if recipe.agreement_weight else None,
        )

    def validate(self) -> dict[str, float]:
        """The editor's figures; the score is how well units are read and, if teachers teach, what they see in edits."""
        figures = super().validate()
        figures["score"] = (figures["read_rendered"] + figures["read_real"]) / 2
        if self.teachers is not None:
            figures["agreed"] = self._agreed(self.teachers)
            figures["score"] += figures["agreed"]
        return figures | {"recognized": self._recognized()}

    def draw(self, count: int, moment: Moment) -> tuple[ReadFaces, ReadFaces, ReadFaces]:
        eighth = max(count // 8, 1)
        rng, generator = moment.rng, moment.generator
        return (
            self.batches.draw_scene_faces(eighth, rng, generator),  # two of each scene
            self.batches.draw_people(2 * eighth, rng, generator),
            self.batches.draw_drivers(max(count - 4 * eighth, 1), rng, generator),
        )

    def training_step(self, batch: tuple[ReadFaces, ReadFaces, ReadFaces], moment: Moment) -> dict[str, Tensor]:
        recipe, model = self.recipe, self._model()
        for group, peak in zip(
            self.optimizers["encoder"].param_groups, (recipe.rate, recipe.prototype_rate), strict=True
        ):
            group["lr"] = cosine_rate(peak, moment.progress)
        with self.accelerator.autocast():
            sizes = [len(part.units) for part in batch]
            read, logits = model.recognized(torch.cat([part.pictures for part in batch]))
            rendered, people, drivers = read.split(sizes)
            losses = {
                name: unit_error(units, known.units, known.trust)
                for name, units, known in zip(
                    ("rendered", "people", "drivers"), (rendered, people, drivers), batch, strict=True
                )
            }
            if self.teachers is not None:
                asked = model.asked(drivers, logits[-sizes[2] :])
                losses |= self._edit_losses(self.teachers, batch, people.detach(), asked, moment.generator)
            losses["recognition"] = self._recognition_error(batch, logits[sizes[0] :])
        # The second half of the rendered faces are other pictures of the people in the first: what a person's looks
        # add to a reading cancels out, and the editor is only told the difference.
        (one, other), (true_one, true_other) = rendered.chunk(2), batch[0].units.chunk(2)
        losses["change"] = unit_error(other - one, true_other - true_one, torch.ones_like(true_one))
        losses["expression"] = expression_error(drivers, model.expression_prototypes.detach(), batch[2].shares)
        weights = {
            "drivers": recipe.drivers_weight,
            "change": recipe.change_weight,
            "expression": recipe.expression_weight,
            "agreement": recipe.agreement_weight,
            "recognition": recipe.recognition_weight,
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
        batch: tuple[ReadFaces, ReadFaces, ReadFaces],
        own: Tensor,
        asked: Tensor,
        generator: torch.Generator,
    ) -> dict[str, Tensor]:
        """What teachers see in people of whom most are given what a driver asks for, and the others a prototype."""
        model, sources = self._model(), batch[1].pictures
        driven = len(sources) - max(len(sources) // 4, 1)
        named = torch.randint(len(BASIC), (len(sources) - driven,), generator=generator, device=own.device)
        wanted = torch.cat([asked[:driven], model.expression_prototypes[named]])
        shares = torch.cat([batch[2].shares[:driven], one_hot(named, len(BASIC)).float()])
        agreement = teachers.error(model.edit(sources, wanted, own).result, shares)
        moved = model.expression_prototypes - self.batches.faces.prototypes
        return {"agreement": agreement, "prototypes": moved.abs().sum(dim=1).mean()}

    def _recognition_error(self, batch: tuple[ReadFaces, ReadFaces, ReadFaces], logits: Tensor) -> Tensor:
        """Of the expression of real people and drivers: what was said of the drivers, and what teachers see in all."""
        _, people, drivers = batch
        told = vote_divergence(logits[len(people.units) :], drivers.shares)
        if self.teachers is None:
            return told
        with torch.no_grad():
            seen = self.teachers.log_shares(torch.cat([people.pictures, drivers.pictures])).softmax(dim=1)
        return told + vote_divergence(logits, seen)

    @torch.no_grad()
    def _agreed(self, teachers: EditTeachers) -> float:
        """How often teachers see in strangers the expression of the unseen drivers whose units they are given."""
        edits = stranger_edits(self.published(), self.batches.faces)
        return float((teachers.log_shares(edits.edit.result).argmax(dim=1) == edits.shown).float().mean())

    @torch.no_grad()
    def _recognized(self) -> float:
        """How often the expression of unseen drivers is read, of all expressions alike."""
        model, known = self.published(), self.batches.faces.unseen_drivers
        chosen = rows_of_each_expression(known, _RECOGNIZED)
        pictures = plain_views(known.faces.crops[chosen], model.config.size)
        with evaluating(model):
            named = torch.cat([model.recognized(part)[1].argmax(dim=1) for part in pictures.split(128)])
        return float((named == known.faces.expression[chosen]).float().mean())


def with_classifiers_trunk(trained: WarpEditor, classifier: str) -> WarpEditor:
    """The same editor with a new encoder that starts from a classifier.

    Raises: SettingsError if there is none of that name.
    """
    model = load_model(classifier)
    if not isinstance(model, ExpressionClassifier):
        raise SettingsError(f"{classifier} is no expression classifier; choose another --classifier.")
    renewed = WarpEditor(replace(trained.config, encoder="residual", encoder_widths=model.config.widths))
    take_trunk(renewed.expression_encoder, model)
    renewed.editor.load_state_dict(trained.editor.state_dict())
    return renewed


def with_emphasis(trained: WarpEditor, emphasis: float) -> WarpEditor:
    """The same editor, which draws drivers so far to what it recognizes; it learns to recognize if it did not.

    Raises: SettingsError for an emphasis of 0 or above 1.
    """
    if not 0 < emphasis <= 1:
        raise SettingsError("--emphasis is a share above 0, at most 1.")
    model = WarpEditor(replace(trained.config, emphasis=emphasis))
    model.load_state_dict(model.state_dict() | trained.state_dict())
    return model


def take_reader(model: WarpEditor, folder: Path) -> None:
    """Give an editor the encoder and the prototypes of another one.

    Raises: SettingsError if that one has another encoder, or is no warp editor.
    """
    other = load_model(str(folder))
    complaint = f"{folder} holds no warp editor with an encoder of the same shape; name another --initial."
    if not isinstance(other, WarpEditor):
        raise SettingsError(complaint)
    if other.config.encoder != model.config.encoder or other.config.encoder_widths != model.config.encoder_widths:
        raise SettingsError(complaint)
    model.expression_encoder = other.expression_encoder
    model.expression_prototypes.copy_(other.expression_prototypes)


def take_trunk(encoder: nn.Module, classifier: ExpressionClassifier) -> None:
    """Give an encoder what a classifier has learnt; its head stays fresh.

    Raises: SettingsError if the two differ in shape.
    """
    learnt = {name: value for name, value in classifier.state_dict().items() if not name.endswith(_HEADS)}
    own = encoder.state_dict()
    if any(name not in own or own[name].shape != value.shape for name, value in learnt.items()):
        raise SettingsError("The classifier has another shape than the encoder; choose another --classifier.")
    encoder.load_state_dict(own | learnt)
