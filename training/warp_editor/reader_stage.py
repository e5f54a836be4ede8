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
from training.engine.recipe import Recipe
from training.losses.flow_error import motion_around_eyes
from training.losses.unit_error import expression_error, unit_error
from training.warp_editor.batches import EditorBatches, ReadFaces
from training.warp_editor.faces import editor_faces
from training.warp_editor.objective import EditorObjective
from training.warp_editor.teachers import EditTeachers
from training.warp_editor.validation import stranger_edits
from training.warp_editor.views import ViewSettings

STRONGEST = 2.0  # unit of a prototype; editors learn from prototypes that are half as strong again
_HEADS = tuple(f"{head}.{part}" for head in ("basic_head", "votes_head") for part in ("weight", "bias"))


@dataclass(frozen=True)
class ExpressionReaderRecipe(Recipe):
    """Learning to read alone is several times as fast as learning to edit as well."""

    images: int = 160_000
    batch: int = 64  # a quarter rendered faces, a quarter real people, half drivers
    validate_every: int = 20_000
    editor: Path | None = None  # a published warp editor; a residual encoder goes on learning, a plain one is replaced
    initial: Path | None = None  # another one, whose encoder and prototypes to start from; None: the editor's own
    classifier: str = "expression_classifier"  # name or folder of what looks at drivers, and a new encoder starts from
    scenes: int = 750  # those the editor was trained with, so that the same people stay unseen
    views: ViewSettings = field(default_factory=ViewSettings)
    rate: float = 5e-4  # AdamW, with a cosine down to zero
    weight_decay: float = 1e-2
    half_life: int = 10_000  # images
    drivers_weight: float = 1.0  # error of a driver's units, which machines and votes know only roughly
    expression_weight: float = 2.0  # nearness of a driver's units to the prototype of what it shows
    change_weight: float = 1.0  # error of the change between two pictures of a person: it is what an edit is told
    emphasis: float = 0.8  # of the model: how far a driver's units are drawn to the prototype of what is recognized
    agreement_weight: float = 16.0  # what teachers see in strangers who are given a driver's or a prototype's units
    effort_weight: float = 900.0  # squared motion of those edits around the eyes, which tell people apart
    # Names or folders; never a judge.
    teachers: tuple[Path, ...] = (Path("expression_classifier"), Path("tdgan"), Path("residual_masking"))
    prototype_rate: float = 1e-2  # of the prototypes, with the same cosine: few numbers, a long way to go
    prototype_weight: float = 0.1  # nearness of the prototypes to what the renderer's faces show

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
            raise SettingsError("There is no trained warp editor whose encoder could learn.")
        faces = editor_faces(data, trained.config.size, recipe.scenes, accelerator.device)
        model = trained
        if trained.config.encoder == "plain":
            model = with_classifiers_trunk(trained, recipe.classifier)
            model.expression_prototypes.copy_(faces.prototypes)
        if recipe.initial is not None:
            take_reader(model, recipe.initial)
        model = with_emphasis(model, recipe.emphasis)
        if model.recognizer is not None:
            take_learnt(model.recognizer, load_classifier(recipe.classifier))
            like_all_alike(model.recognizer, faces.drivers.faces.expression)
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
        """The editor's figures; the score is how well units are read and, if teachers teach, what they see in edits."""
        figures = super().validate()
        figures["score"] = (figures["read_rendered"] + figures["read_real"]) / 2
        if self.teachers is not None:
            figures["agreed"] = self._agreed(self.teachers)
            figures["score"] += figures["agreed"]
        return figures

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
            read = model.expression_code(torch.cat([part.pictures for part in batch]))
            rendered, people, drivers = read.split([len(part.units) for part in batch])
            losses = {
                name: unit_error(units, known.units, known.trust)
                for name, units, known in zip(
                    ("rendered", "people", "drivers"), (rendered, people, drivers), batch, strict=True
                )
            }
            if self.teachers is not None:
                losses |= self._edit_losses(self.teachers, batch, people.detach(), drivers, moment.generator)
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
        batch: tuple[ReadFaces, ReadFaces, ReadFaces],
        own: Tensor,
        drivers: Tensor,
        generator: torch.Generator,
    ) -> dict[str, Tensor]:
        """What teachers see in people of whom most are given what a driver asks for, and the others a prototype."""
        model, sources = self._model(), batch[1].pictures
        driven = len(sources) - max(len(sources) // 4, 1)
        named = torch.randint(len(BASIC), (len(sources) - driven,), generator=generator, device=own.device)
        asked = drivers[:driven]
        if model.recognizer is not None:
            asked = model.emphasized(asked, model.recognizer(batch[2].pictures[:driven]))
        wanted = torch.cat([asked, model.expression_prototypes[named]])
        shares = torch.cat([batch[2].shares[:driven], one_hot(named, len(BASIC)).float()])
        edit = model.edit(sources, wanted, own)
        drawn = model.expression_prototypes - self.batches.faces.prototypes
        return {
            "agreement": teachers.error(edit.result, shares),
            "effort": motion_around_eyes(edit.flow),
            "prototypes": drawn.abs().sum(dim=1).mean(),
        }

    @torch.no_grad()
    def _agreed(self, teachers: EditTeachers) -> float:
        """How often teachers see in strangers the expression of the unseen drivers whose units they are given."""
        edits = stranger_edits(self.published(), self.batches.faces)
        return float((teachers.log_shares(edits.edit.result).argmax(dim=1) == edits.shown).float().mean())


def with_classifiers_trunk(trained: WarpEditor, classifier: str) -> WarpEditor:
    """The same editor with a new encoder that starts from a classifier.

    Raises: SettingsError if there is none of that name.
    """
    model = load_classifier(classifier)
    renewed = WarpEditor(replace(trained.config, encoder="residual", encoder_widths=model.config.widths))
    take_learnt(renewed.expression_encoder, model)
    renewed.editor.load_state_dict(trained.editor.state_dict())
    return renewed


def with_emphasis(trained: WarpEditor, emphasis: float) -> WarpEditor:
    """The same editor, which draws drivers so far to what a recognizer will see in them; not at all for 0."""
    model = WarpEditor(replace(trained.config, emphasis=emphasis))
    model.editor.load_state_dict(trained.editor.state_dict())
    model.expression_encoder.load_state_dict(trained.expression_encoder.state_dict())
    model.expression_prototypes.copy_(trained.expression_prototypes)
    return model


def like_all_alike(recognizer: DriverRecognizer, taught: Int[Tensor, " faces"]) -> None:
    """Take back how often a classifier met each expression while it was taught (logit adjustment, Menon et al. 2021).

    People choose a driver for what it shows, so that none is likelier than another.
    """
    met = torch.bincount(taught[taught >= 0], minlength=len(BASIC)).clamp_min(1).float()
    recognizer.basic_head.bias.sub_(met.log() - met.log().mean())


def load_classifier(name: str) -> ExpressionClassifier:
    """An expression classifier by name or folder.

    Raises: SettingsError if it is something else.
    """
    model = load_model(name)
    if not isinstance(model, ExpressionClassifier):
        raise SettingsError(f"{name} is no expression classifier; choose another classifier.")
    return model


def take_reader(model: WarpEditor, folder: Path) -> None:
    """Give an editor the encoder and the prototypes of another one.

    Raises: SettingsError if that one has another encoder, or is no warp editor.
    """
    other = load_model(str(folder))
    complaint = f"{folder} holds no warp editor with an encoder of the same shape; start from another."
    if not isinstance(other, WarpEditor):
        raise SettingsError(complaint)
    if other.config.encoder != model.config.encoder or other.config.encoder_widths != model.config.encoder_widths:
        raise SettingsError(complaint)
    model.expression_encoder = other.expression_encoder
    model.expression_prototypes.copy_(other.expression_prototypes)


def take_learnt(network: nn.Module, classifier: ExpressionClassifier) -> None:
    """Give a network the trunk of a classifier, and the head of its basic expressions if it has one of that name.

    Raises: SettingsError if the two differ in shape.
    """
    own = network.state_dict()
    learnt = {
        name: value for name, value in classifier.state_dict().items() if name in own or not name.endswith(_HEADS)
    }
    same = all(name in own and own[name].shape == value.shape for name, value in learnt.items())
    if not same or classifier.config.expressions != BASIC:
        raise SettingsError("The classifier has another shape than the encoder; choose another classifier.")
    network.load_state_dict(own | learnt)
