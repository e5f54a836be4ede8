"""The mouth painter: mouths of photographs are hidden, their lips are drawn, and the pixels are asked back."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample
from torch.optim import AdamW

from fer_demo.data.loading import load_fer2013, load_lfw
from fer_demo.data.sources import FaceSource
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.faces.mouth_frame import COLUMNS, ROWS
from fer_demo.images import to_uint8
from fer_demo.layers.contours import signed_distance, soft_area
from fer_demo.layers.mouth_painter import MouthPainter, conditions_of, lip_areas, standardized
from fer_demo.models.landmark_editor import INNER, OUTER, LandmarkEditor
from training.data.mouth_patches import MARGIN, MouthPatches, mouth_patches
from training.data.splits import is_stranger
from training.engine.ema import ExponentialMovingAverage, evaluating
from training.engine.objective import Moment, Objective, cosine_rate, on_device
from training.engine.recipe import Recipe
from training.landmark_editor.editor_objective import EditorObjective, editor_to_teach
from training.landmark_editor.fine_mouths import SET as FINE
from training.landmark_editor.fine_mouths import fine_mouths

_VALIDATED = 256  # mouths of strangers
_SHOWN = 32  # of them on the sheet
_TIMES = (0.1, 0.3, 0.5, 0.7, 0.9)  # at which the loss is watched
_UNTOLD = 0.1  # probability that a condition is left out, so that guidance can strengthen it


@dataclass(frozen=True)
class MouthPainterRecipe(Recipe):
    """Learns without pairs: every photograph is its own answer. An editor that paints goes on from where it is."""

    images: int = 96_000
    batch: int = 16
    validate_every: int = 8_000
    editor: Path | None = None  # folder of the editor that is given a painter
    widths: tuple[int, ...] = (48, 96, 128)  # of its U-Net
    rate: float = 6e-4  # AdamW, with a cosine down to zero
    weight_decay: float = 1e-3
    half_life: int = 5_000  # of the averaged weights that are published, images
    coarse_share: float = 0.25  # of a batch from FER2013, whose mouths show more but in few pixels
    fine_share: float = 0.0  # of a batch from London's people who may teach, before the rest is shared out
    turn: float = 8.0  # degrees
    zoom: float = 0.15  # scale in 1 +- this
    shift: float = 3.0  # pixels

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return MouthPainterObjective.create(self, data, accelerator)


class MouthBatch(NamedTuple):
    """Views of mouths, with what is hidden of them and what is told."""

    pictures: Float[Tensor, "batch 1 48 64"]  # in [-1, 1]
    hidden: Float[Tensor, "batch 1 48 64"]
    lips: Float[Tensor, "batch 2 48 64"]
    detail: Float[Tensor, " batch"]


@dataclass
class MouthPainterObjective(EditorObjective):
    """One network, one optimizer; the averaged copy is published."""

    recipe: MouthPainterRecipe = field(kw_only=True)
    sets: dict[str, MouthPatches] = field(kw_only=True)
    strangers: MouthPatches = field(kw_only=True)

    @classmethod
    def create(cls, recipe: MouthPainterRecipe, data: Path | None, accelerator: Accelerator) -> MouthPainterObjective:
        """Cut the mouths, and make a fresh network where there is none.

        Raises: SettingsError without a data folder.
        """
        needs = "The mouth painter of a landmark editor learns from photographs"
        editor, data = editor_to_teach(recipe.editor, data, needs)
        lfw = load_lfw(data)
        apart = np.array([is_stranger(name) for name in lfw.column("person")])
        fer = load_fer2013(data, "train")
        clean = ~np.array(fer.column("in_other_split"), dtype=bool)
        cut = {
            "lfw": _cut(lfw.select(np.flatnonzero(~apart)), accelerator),
            "fer2013": _cut(fer.select(np.flatnonzero(clean)), accelerator),
        }
        if recipe.fine_share:
            cut[FINE] = fine_mouths(editor, data, RetinaFaceDetector()).to(accelerator.device)
        model = with_painter(editor, recipe.widths)
        assert model.painter is not None
        on_device(model, accelerator, torch.channels_last)
        return cls(
            accelerator,
            {"model": model},
            {"model": AdamW(model.painter.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)},
            {"model": ExponentialMovingAverage(model, recipe.half_life)},
            {name: len(patches) for name, patches in cut.items()},
            recipe=recipe,
            sets=cut,
            strangers=_cut(lfw.select(np.flatnonzero(apart)[:_VALIDATED]), accelerator),
        )

    def draw(self, count: int, moment: Moment) -> MouthBatch:
        fine = round(self.recipe.fine_share * count)
        coarse = round(self.recipe.coarse_share * (count - fine))
        counts = {"lfw": count - coarse - fine, "fer2013": coarse, FINE: fine}
        chosen = [
            patches.select(torch.from_numpy(moment.rng.integers(len(patches), size=counts[name])))
            for name, patches in self.sets.items()
        ]
        mouths = MouthPatches(
            torch.cat([one.pictures for one in chosen]),
            torch.cat([one.lips for one in chosen]),
            torch.cat([one.detail for one in chosen]),
        )
        return view_mouths(mouths, self.recipe, moment.generator)

    def training_step(self, batch: MouthBatch, moment: Moment) -> dict[str, Tensor]:
        self.set_learning_rate("model", cosine_rate(self.recipe.rate, moment.progress))
        generator, count = moment.generator, len(batch.pictures)
        times = torch.sigmoid(torch.randn(count, generator=generator, device=generator.device))  # most in the middle
        with self.accelerator.autocast():
            loss = self._error(self.painter, batch, untold(batch, generator), times, generator)
        self.descend(loss, "model", (self.painter,))
        return {"velocity": loss}

    def _error(
        self, model: MouthPainter, batch: MouthBatch, told: MouthBatch, times: Tensor, generator: torch.Generator
    ) -> Tensor:
        """Squared error of the velocity."""
        standard, _, _ = standardized(batch.pictures, batch.hidden)
        noise = torch.randn(standard.shape, generator=generator, device=generator.device)
        at = times[:, None, None, None]
        conditions = conditions_of(standard, told.hidden, told.lips, told.detail)
        velocity = model.velocity((1 - at) * noise + at * standard, times, conditions)
        return error_where_hidden((velocity - (standard - noise)).square(), batch.hidden)

    def validate(self) -> dict[str, float]:
        """Errors on strangers: of the velocity, and of mouths painted whole beside what was hidden, in grey levels."""
        generator = torch.Generator(self.accelerator.device).manual_seed(0)
        batch = plain_mouths(self.strangers)
        with evaluating(self.published()) as model:
            painter = model.painter
            assert isinstance(painter, MouthPainter)
            count = len(batch.pictures)
            errors = [
                float(self._error(painter, batch, batch, torch.full((count,), time), generator)) for time in _TIMES
            ]
        velocity = sum(errors) / len(errors)
        return {"score": -velocity, "velocity_error": velocity, "grey_error": self.grey_error()}

    def grey_error(self) -> float:
        """How far mouths of strangers, painted whole, are from what was hidden, in grey levels."""
        batch = plain_mouths(self.strangers)
        with evaluating(self.published()) as model:
            painter = model.painter
            assert isinstance(painter, MouthPainter)
            painted = painter.paint(*batch)
        missed = ((painted - batch.pictures).abs() * batch.hidden).sum() / batch.hidden.sum()
        return float(missed) * 127.5

    def published(self) -> LandmarkEditor:
        average = self.averages["model"].average
        assert isinstance(average, LandmarkEditor)
        return average

    def sample_sheet(self) -> np.ndarray:
        """Uncurated strangers: what is seen, what is painted, and the photograph."""
        batch = MouthBatch(*(part[:_SHOWN] for part in plain_mouths(self.strangers)))
        with evaluating(self.published()) as model:
            painter = model.painter
            assert isinstance(painter, MouthPainter)
            columns = [
                batch.pictures * (1 - batch.hidden),
                painter.paint(*batch),
                batch.pictures,
            ]
        return np.concatenate([np.concatenate(list(to_uint8(column)), axis=0) for column in columns], axis=1)

    @property
    def painter(self) -> MouthPainter:
        """The painter as it learns."""
        painter = self.editor.painter
        assert painter is not None
        return painter


def with_painter(editor: LandmarkEditor, widths: tuple[int, ...]) -> LandmarkEditor:
    """The same editor, in which only its painter learns; one that has none is given a fresh one."""
    model = editor
    if editor.painter is None:
        model = LandmarkEditor(replace(editor.config, painter_widths=widths))
        model.load_state_dict(editor.state_dict(), strict=False)
    model.requires_grad_(False)
    assert model.painter is not None
    model.painter.requires_grad_(True)
    return model


def view_mouths(mouths: MouthPatches, settings: MouthPainterRecipe, generator: torch.Generator) -> MouthBatch:
    """Random views of mouths, each with another part hidden."""
    count, device = len(mouths), generator.device

    def uniform(spread: float, *shape: int) -> Tensor:
        return (torch.rand(count, *shape, generator=generator, device=device) * 2 - 1) * spread

    turn, zoom = uniform(settings.turn * math.pi / 180), 1 + uniform(settings.zoom)
    mirrored = torch.rand(count, generator=generator, device=device) < 0.5
    sign = torch.where(mirrored, -1.0, 1.0)
    linear = torch.stack(
        [
            torch.stack([sign * zoom * turn.cos(), -zoom * turn.sin()], dim=1),
            torch.stack([sign * zoom * turn.sin(), zoom * turn.cos()], dim=1),
        ],
        dim=1,
    )
    shift = uniform(settings.shift, 2)
    pictures = _seen(mouths.pictures, linear, shift)
    middle = torch.tensor([COLUMNS / 2, ROWS / 2], device=device)
    lips = (mouths.lips - middle - shift[:, None]) @ torch.linalg.inv(linear).transpose(1, 2) + middle
    gamma, contrast = uniform(0.25, 1, 1, 1).exp(), 1 + uniform(0.25, 1, 1, 1)
    pictures = ((pictures / 255).clamp(0, 1).pow(gamma) * 2 - 1) * contrast + uniform(0.2, 1, 1, 1)
    outer, inner = (signed_distance(lips[:, part], ROWS, COLUMNS)[:, None] for part in (OUTER, INNER))
    detail = mouths.detail - zoom.log2()
    return MouthBatch(pictures.clamp(-1, 1), _hidden(outer, inner, generator), lip_areas(outer, inner), detail)


def plain_mouths(mouths: MouthPatches) -> MouthBatch:
    """Mouths as they are, with everything between and a little of the lips hidden."""
    pictures = mouths.pictures[:, None, MARGIN:-MARGIN, MARGIN:-MARGIN].float() / 127.5 - 1
    outer, inner = (signed_distance(mouths.lips[:, part], ROWS, COLUMNS)[:, None] for part in (OUTER, INNER))
    return MouthBatch(pictures, soft_area(torch.maximum(inner + 2, outer)), lip_areas(outer, inner), mouths.detail)


def error_where_hidden(
    errors: Float[Tensor, "batch 1 48 64"], hidden: Float[Tensor, "batch 1 48 64"]
) -> Float[Tensor, ""]:
    """The mean error where pictures are hidden, and a little of it elsewhere."""
    weight = hidden + 0.05
    return (errors * weight).sum() / weight.sum()


def _hidden(outer: Tensor, inner: Tensor, generator: torch.Generator) -> Float[Tensor, "batch 1 48 64"]:
    """The inside of the mouth with some of the lips, the whole lips, or more of the face."""
    count, device = len(outer), generator.device
    kind = torch.rand((count, 1, 1, 1), generator=generator, device=device)
    grown = torch.rand((count, 1, 1, 1), generator=generator, device=device)
    some, whole, more = inner + 0.5 + 4 * grown, outer + 3 * grown, outer + 3 + 6 * grown
    return soft_area(torch.where(kind < 0.4, some, torch.where(kind < 0.8, whole, more)))


def _seen(pictures: Tensor, linear: Tensor, shift: Tensor) -> Float[Tensor, "batch 1 48 64"]:
    """The mouth frame turned, zoomed and shifted by pixels, out of pictures with MARGIN."""
    rows, columns = pictures.shape[1:]
    # affine_grid measures both pictures as 2 wide and 2 high.
    to_unit = torch.tensor([2 / columns, 2 / rows], device=linear.device)
    half = torch.tensor([COLUMNS / 2, ROWS / 2], device=linear.device)
    theta = torch.cat([to_unit[:, None] * linear * half, (shift * to_unit)[:, :, None]], dim=2)
    grid = affine_grid(theta, [len(pictures), 1, ROWS, COLUMNS], align_corners=False)
    return grid_sample(pictures[:, None].float(), grid, padding_mode="border", align_corners=False)


def untold(batch: MouthBatch, generator: torch.Generator) -> MouthBatch:
    """Some mouths lose what is seen around them, some the lips that are asked for."""
    drawn = torch.rand((2, len(batch.pictures), 1, 1, 1), generator=generator, device=generator.device)
    hidden = torch.where(drawn[0] < _UNTOLD, torch.ones_like(batch.hidden), batch.hidden)
    lips = torch.where(drawn[1] < _UNTOLD, torch.zeros_like(batch.lips), batch.lips)
    return batch._replace(hidden=hidden, lips=lips)


def _cut(source: FaceSource, accelerator: Accelerator) -> MouthPatches:
    return mouth_patches(source).to(accelerator.device)
