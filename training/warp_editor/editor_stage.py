"""The warp editor: exact counterfactuals teach what moves where, real faces what people look like."""

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
from training.engine.recipe import Recipe
from training.losses.flow_error import flow_error, point_flow_error, roughness
from training.losses.pixel_error import change_weight, edge_aware_error
from training.losses.unit_error import unit_error
from training.warp_editor.batches import EditorBatch, EditorBatches, EditPairs, SeenPeople
from training.warp_editor.closed_mouths import with_closed_mouths, with_mouths_of, without_parting
from training.warp_editor.faces import editor_faces
from training.warp_editor.objective import EditorObjective
from training.warp_editor.views import ViewSettings


@dataclass(frozen=True)
class WarpEditorRecipe(Recipe):
    """Every ingredient is a weight; set to 0, it is left out, so that its worth can be measured."""

    images: int = 140_000
    batch: int = 32  # a quarter drivers, real people, and for the rest rendered pairs
    people_share: float = 0.25  # of real people in the batch
    validate_every: int = 20_000
    model: WarpEditorConfig = field(default_factory=WarpEditorConfig)
    initial: Path | None = None  # folder of a published editor of the same shape to start from; None: random weights
    scenes: int = 750  # rendered people to learn from, those held out included
    views: ViewSettings = field(default_factory=ViewSettings)
    rate: float = 1e-3  # AdamW, with a cosine down to zero
    weight_decay: float = 1e-4
    half_life: int = 4_000  # of the averaged weights that are published, images
    code_noise: float = 0.04  # of the units an editor is told; those it is told in use are read with errors
    reading_weight: float = 0.3  # units of rendered and real faces, taught to the expression encoder; 0: it stays as is
    edit_weight: float = 1.0  # result against the exact answer
    warp_weight: float = 0.5  # the warped source alone against it, where it can be right
    flow_weight: float = 4.0  # the warp against the exact flow
    change_floor: float = 0.2  # weight of what stays beside what changes; a large one weighs all pixels alike
    landmark_weight: float = 4.0  # the warp against where the head model says a real face's landmarks go
    smoothness_weight: float = 0.5  # roughness of the flow on real faces, where no exact one is known
    paint_weight: float = 0.2  # share of the picture that is painted though a warp could have moved it
    guide: Path | None = None  # folder of a published editor that edits closed mouths; None: no mouths are closed
    closed_mouth_weight: float = 3.0  # with it, open mouths against the same ones closed, both ways

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
            _ = batches.open_mouths  # if there are none, that is said before hours of training
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
            read = self._read(faces.pictures)
            real_own, driven = read.detach()[rendered:].split((real, len(faces.units) - rendered - real))
            wanted = self._wanted(driven, pairs, real, moment.generator)
            own, target = torch.cat([pairs.source_units, real_own]), torch.cat([pairs.target_units, wanted])
            noise = torch.randn((2, *own.shape), generator=moment.generator, device=own.device) * recipe.code_noise
            edit = model.edit(torch.cat([pairs.source, batch.people.pictures]), target + noise[0], own + noise[1])
            told, invented = Edit(*(part[:rendered] for part in edit)), Edit(*(part[rendered:] for part in edit))
            weighted = {"reading": (recipe.reading_weight, unit_error(read, faces.units, faces.trust))}
            weighted |= self._exact_losses(told, pairs)
            motion = batch.landmarks.motion(real_own, wanted)
            missed = point_flow_error(invented.flow, batch.landmarks.places, motion, batch.landmarks.known)
            weighted["landmarks"] = (recipe.landmark_weight, missed)
            weighted["smoothness"] = (recipe.smoothness_weight, roughness(invented.flow))
            weighted["paint"] = (recipe.paint_weight, self._needless_paint(edit, pairs))
            if self.guide is not None and batch.mouths is not None:
                closed = self._closed_mouth_error(self.guide, batch.mouths, wanted)
                weighted["closed_mouth"] = (recipe.closed_mouth_weight, closed)
        # A rare hard pair must not throw the warp off; apart, because the encoder's errors are much larger.
        limited = (model.expression_encoder, model.editor)
        self.descend(sum((weight * loss for weight, loss in weighted.values()), torch.zeros(())), "model", limited)
        return {name: loss for name, (_, loss) in weighted.items()} | {"copying": self._edit_error(pairs.source, pairs)}

    def _read(self, pictures: Tensor) -> Tensor:
        """The units by the encoder; by the averaged one, which no batch disturbs, if it does not learn."""
        if self.recipe.reading_weight > 0:
            return self._model().expression_code(pictures)
        with torch.no_grad():
            return self.published().expression_code(pictures)

    def _wanted(self, driven: Tensor, pairs: EditPairs, real: int, generator: torch.Generator) -> Tensor:
        """What real people shall show, weaker or stronger: what drivers or rendered people do, or a prototype."""
        third = real // 3
        named = torch.randint(len(BASIC), (third,), generator=generator, device=driven.device)
        rows = torch.cat([driven[:third], self.published().prototypes()[named], pairs.target_units])
        strength = 0.5 + torch.rand((real, 1), generator=generator, device=rows.device)  # as far as people may ask
        return rows[torch.arange(real, device=rows.device) % len(rows)] * strength

    def _exact_losses(self, edit: Edit, pairs: EditPairs) -> dict[str, tuple[float, Tensor]]:
        recipe = self.recipe
        weight = change_weight(pairs.target, pairs.source, recipe.change_floor)
        seen = enlarge(pairs.visible, *pairs.source.shape[2:])
        warped = warp(pairs.source, edit.flow)
        return {
            "edit": (recipe.edit_weight, edge_aware_error(edit.result, pairs.target, weight)),
            "warp": (recipe.warp_weight, edge_aware_error(warped, pairs.target, weight * seen)),
            "flow": (recipe.flow_weight, flow_error(edit.flow, pairs.flow, pairs.visible)),
        }

    def _needless_paint(self, edit: Edit, pairs: EditPairs) -> Tensor:
        """Painted share of the surface that was there to be moved; what was hidden is free."""
        seen = enlarge(pairs.visible, *edit.mask.shape[2:])
        rendered = len(seen)
        return torch.cat([edit.mask[:rendered] * seen, edit.mask[rendered:]]).mean()

    def _closed_mouth_error(self, guide: WarpEditor, people: SeenPeople, wanted: Tensor) -> Tensor:
        """Photographs of open mouths and the same mouths closed, half of them with another expression, both ways.

        The guide never learns: an editor that is shown its own work as the truth builds up stripes within minutes.
        """
        opened, landmarks = people.pictures, people.landmarks
        half = len(opened) // 2
        with torch.no_grad():
            opened_units = guide.expression_code(opened)
            shut_units = without_parting(opened_units)
            another = torch.cat([without_parting(wanted[:half]), shut_units[half:]])
            shift = landmarks.moved(another) - landmarks.shown(shut_units)
            shift[half:] = 0
            shut = with_closed_mouths(opened, landmarks.places, shift)
            # The mouth is what it shall be; the guide does the rest of the face.
            told = with_mouths_of(shut_units, another)[:half]
            shown = torch.cat([guide.edit(shut[:half], another[:half], told).result, shut[half:]])
        sources, truth = torch.cat([opened, shown]), torch.cat([shown, opened])
        own, target = torch.cat([opened_units, another]), torch.cat([another, opened_units])
        return self._change_error(self._model().edit(sources, target, own).result, truth, sources)

    def _edit_error(self, result: Tensor, pairs: EditPairs) -> Tensor:
        return self._change_error(result, pairs.target, pairs.source)

    def _change_error(self, result: Tensor, truth: Tensor, source: Tensor) -> Tensor:
        return edge_aware_error(result, truth, change_weight(truth, source, self.recipe.change_floor))


def _guide(folder: Path, model: WarpEditor, accelerator: Accelerator) -> WarpEditor:
    """The editor that gives closed mouths another expression.

    Raises: SettingsError if it is no warp editor of the same size.
    """
    guide = load_model(str(folder))
    if not isinstance(guide, WarpEditor) or guide.config.size != model.config.size:
        raise SettingsError(
            f"{folder} holds no warp editor for {model.config.size} pixels; only an editor of that size guides."
        )
    on_device(guide, accelerator, torch.contiguous_format)
    return guide.eval()
