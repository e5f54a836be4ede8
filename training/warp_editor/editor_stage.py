"""The stage that trains the edit network: rendered pairs teach what moves where, real faces what people look like."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.optim import AdamW

from fer_demo.capabilities import Edit
from fer_demo.checkpoints import load_model
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.layers.warping import enlarge, warp
from fer_demo.models.warp_editor import WarpEditor, WarpEditorConfig
from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate, on_device, start_from
from training.losses.flow_error import flow_error, point_flow_error, roughness
from training.losses.pixel_error import change_weight, edge_aware_error
from training.losses.unit_error import unit_error
from training.warp_editor.batches import EditorBatch, EditorBatches, EditPairs, PeopleBatch
from training.warp_editor.closed_mouths import with_closed_mouths, with_lips_together, with_mouth_units
from training.warp_editor.faces import editor_faces
from training.warp_editor.objective import EditorObjective, EditorRecipe


@dataclass(frozen=True)
class WarpEditorRecipe(EditorRecipe):
    """Every term of the loss has a weight; 0 leaves it out, so that its worth can be measured."""

    images: int = 140_000
    batch: int = 32  # a quarter drivers, real people, and for the rest rendered pairs
    people_share: float = 0.25  # of real people in the batch
    validate_every: int = 20_000
    model: WarpEditorConfig = field(default_factory=WarpEditorConfig)
    initial: Path | None = None  # folder of a published editor of the same shape to start from; None: random weights
    rate: float = 1e-3  # AdamW, with a cosine down to zero
    weight_decay: float = 1e-4
    half_life: int = 4_000  # of the averaged weights that are published, images
    code_noise: float = 0.04  # added to the edit network's input units, which in use come from an encoder with errors
    reading_weight: float = 0.3  # units of rendered and real faces, taught to the expression encoder; 0: it stays as is
    edit_weight: float = 1.0  # result against the exact answer
    warp_weight: float = 0.5  # the warped source alone against it, where the same surface shows in both
    flow_weight: float = 4.0  # the warp against the exact flow
    change_floor: float = 0.2  # weight of pixels that stay, relative to those that change
    landmark_weight: float = 4.0  # the warp against where the head model says a real face's landmarks go
    smoothness_weight: float = 0.5  # roughness of the flow on real faces, where no exact one is known
    paint_weight: float = 0.2  # share of the picture that is painted though a warp could have moved it
    guide: Path | None = None  # folder of a frozen editor that edits closed mouths; None: no mouths are closed
    closed_mouth_weight: float = 3.0  # with a guide: open mouths against the same ones closed, both ways

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.people_share <= 0.5:
            raise SettingsError("Real people are a share above 0 of a batch, at most 0.5.")
        if self.scenes < 2 or self.batch < 4:
            raise SettingsError("Scenes must be at least 2 and --batch at least 4.")

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return WarpEditorObjective.create(self, data, accelerator)


@dataclass
class WarpEditorObjective(EditorObjective):
    """One network, one optimizer; the averaged copy is published."""

    recipe: WarpEditorRecipe = field(kw_only=True)
    guide: WarpEditor | None = field(kw_only=True)

    @classmethod
    def create(cls, recipe: WarpEditorRecipe, data: Path | None, accelerator: Accelerator) -> WarpEditorObjective:
        """Load the faces and make a fresh network."""
        size = recipe.model.size
        faces = editor_faces(data, size, recipe.scenes, accelerator.device)
        model = WarpEditor(recipe.model)
        if recipe.initial is None:
            model.expression_prototypes.copy_(faces.prototypes)
        else:
            start_from(model, recipe.initial)
        on_device(model, accelerator, torch.contiguous_format)
        batches = EditorBatches(faces, size, recipe.views)
        if recipe.guide is not None:
            _ = batches.open_mouths  # raises before hours of training if there are none
        return cls(
            accelerator,
            {"model": model},
            {"model": AdamW(model.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)},
            {"model": ExponentialMovingAverage(model, recipe.half_life)},
            faces.read,
            recipe=recipe,
            batches=batches,
            guide=None if recipe.guide is None else _guide(recipe.guide, model, accelerator),
        )

    def draw(self, count: int, moment: Moment) -> EditorBatch:
        mouths = self.guide is not None
        return self.batches.draw(count, moment.rng, moment.generator, self.recipe.people_share, mouths)

    def training_step(self, batch: EditorBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, model, pairs = self.recipe, self._model(), batch.pairs
        self.set_learning_rate("model", cosine_rate(recipe.rate, moment.progress))
        rendered, real = len(pairs.source), len(batch.people.pictures)
        with self.accelerator.autocast():
            faces = batch.faces
            encoded = self._encode(faces.pictures)
            real_own, drivers = encoded.detach()[rendered:].split((real, len(faces.units) - rendered - real))
            real_target = self._targets(drivers, pairs, real, moment.generator)
            own, target = torch.cat([pairs.source_units, real_own]), torch.cat([pairs.target_units, real_target])
            noise = torch.randn((2, *own.shape), generator=moment.generator, device=own.device) * recipe.code_noise
            edit = model.edit(torch.cat([pairs.source, batch.people.pictures]), target + noise[0], own + noise[1])
            of_pairs, of_people = Edit(*(part[:rendered] for part in edit)), Edit(*(part[rendered:] for part in edit))
            weighted = {"reading": (recipe.reading_weight, unit_error(encoded, faces.units, faces.trust))}
            weighted |= self._exact_losses(of_pairs, pairs)
            motion = batch.landmarks.motion(real_own, real_target)
            missed = point_flow_error(of_people.flow, batch.landmarks.places, motion, batch.landmarks.known)
            weighted["landmarks"] = (recipe.landmark_weight, missed)
            weighted["smoothness"] = (recipe.smoothness_weight, roughness(of_people.flow))
            weighted["paint"] = (recipe.paint_weight, self._unneeded_paint(edit, pairs))
            if self.guide is not None and batch.mouths is not None:
                closed = self._closed_mouth_error(self.guide, batch.mouths, real_target)
                weighted["closed_mouth"] = (recipe.closed_mouth_weight, closed)
        # Clipping keeps a rare hard pair from throwing the warp off; encoder and editor are clipped apart, because the
        # encoder's gradients are much larger.
        limited = (model.expression_encoder, model.editor)
        self.descend(sum((weight * loss for weight, loss in weighted.values()), torch.zeros(())), "model", limited)
        return {name: loss for name, (_, loss) in weighted.items()} | {"copying": self._edit_error(pairs.source, pairs)}

    def _encode(self, pictures: Tensor) -> Tensor:
        """Units by the encoder; if it does not learn, by its averaged copy, which no batch disturbs."""
        if self.recipe.reading_weight > 0:
            return self._model().expression_code(pictures)
        with torch.no_grad():
            return self.published().expression_code(pictures)

    def _targets(self, drivers: Tensor, pairs: EditPairs, real: int, generator: torch.Generator) -> Tensor:
        """Target units for real people: those of drivers, prototypes or rendered people, at a random strength."""
        third = real // 3
        labels = torch.randint(len(BASIC), (third,), generator=generator, device=drivers.device)
        rows = torch.cat([drivers[:third], self.published().prototypes()[labels], pairs.target_units])
        strength = 0.5 + torch.rand((real, 1), generator=generator, device=rows.device)  # the range that the app offers
        return rows[torch.arange(real, device=rows.device) % len(rows)] * strength

    def _exact_losses(self, edit: Edit, pairs: EditPairs) -> dict[str, tuple[float, Tensor]]:
        recipe = self.recipe
        weight = change_weight(pairs.target, pairs.source, recipe.change_floor)
        visible = enlarge(pairs.visible, *pairs.source.shape[2:])
        warped = warp(pairs.source, edit.flow)
        return {
            "edit": (recipe.edit_weight, edge_aware_error(edit.result, pairs.target, weight)),
            "warp": (recipe.warp_weight, edge_aware_error(warped, pairs.target, weight * visible)),
            "flow": (recipe.flow_weight, flow_error(edit.flow, pairs.flow, pairs.visible)),
        }

    def _unneeded_paint(self, edit: Edit, pairs: EditPairs) -> Tensor:
        """Painted share of the surface that a warp could have moved; hidden surface costs nothing."""
        visible = enlarge(pairs.visible, *edit.mask.shape[2:])
        rendered = len(visible)
        return torch.cat([edit.mask[:rendered] * visible, edit.mask[rendered:]]).mean()

    def _closed_mouth_error(self, guide: WarpEditor, people: PeopleBatch, target: Tensor) -> Tensor:
        """Error of edits from open mouths to the same mouths closed and back, half of them with another expression.

        The guide is frozen: an editor that learns from its own edits builds up stripes within minutes.
        """
        opened, landmarks = people.pictures, people.landmarks
        half = len(opened) // 2
        with torch.no_grad():
            opened_units = guide.expression_code(opened)
            shut_units = with_lips_together(opened_units)
            answer_units = torch.cat([with_lips_together(target[:half]), shut_units[half:]])
            shift = landmarks.moved(answer_units) - landmarks.shown(shut_units)
            shift[half:] = 0
            shut = with_closed_mouths(opened, landmarks.places, shift)
            # The mouth already shows the target; the guide edits the rest of the face.
            own = with_mouth_units(shut_units, answer_units)[:half]
            answer = torch.cat([guide.edit(shut[:half], answer_units[:half], own).result, shut[half:]])
        sources, truth = torch.cat([opened, answer]), torch.cat([answer, opened])
        own, wanted = torch.cat([opened_units, answer_units]), torch.cat([answer_units, opened_units])
        return self._change_error(self._model().edit(sources, wanted, own).result, truth, sources)

    def _edit_error(self, result: Tensor, pairs: EditPairs) -> Tensor:
        return self._change_error(result, pairs.target, pairs.source)

    def _change_error(self, result: Tensor, truth: Tensor, source: Tensor) -> Tensor:
        return edge_aware_error(result, truth, change_weight(truth, source, self.recipe.change_floor))


def _guide(folder: Path, model: WarpEditor, accelerator: Accelerator) -> WarpEditor:
    """The editor that gives closed mouths another expression.

    Raises: SettingsError if it is not a warp editor of the same size.
    """
    guide = load_model(str(folder))
    if not isinstance(guide, WarpEditor) or guide.config.size != model.config.size:
        raise SettingsError(
            f"{folder} does not hold a warp editor for {model.config.size} pixels; use one of that size as the guide."
        )
    on_device(guide, accelerator, torch.contiguous_format)
    return guide.eval()
