"""The shading: how the skin brightens and darkens, learnt from posed people in the same light, laid on a mean face."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate
from torch.optim import Adam

from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.layers.contours import signed_distance
from fer_demo.layers.face_motion import flow_between
from fer_demo.layers.frames import cut, inverse, moved_by
from fer_demo.layers.shading import CELLS, log_brightness
from fer_demo.layers.warping import pixel_places, warp
from fer_demo.models.landmark_editor import INNER, MOUTH, LandmarkEditor, to_stable_frame
from fer_demo.synthetic.units import MIRRORED_UNITS
from training.engine.objective import Moment, Objective, cosine_rate
from training.engine.recipe import Recipe
from training.landmark_editor.editor_objective import EditorObjective, editor_to_teach
from training.landmark_editor.motion_stage import code_of
from training.landmark_editor.true_motion import (
    PosedPictures,
    chances,
    posed_counts,
    posed_pictures,
    read_faces,
    to_and_from_neutral,
)

_LIPS = 0.5  # cells around the inside of the mouth, which is painted, not shaded
_FINER = 4  # pixels of a picture on the mean face, per cell of the map and side


@dataclass(frozen=True)
class ShadingRecipe(Recipe):
    """A linear map; most of the time goes into laying faces on the mean face."""

    images: int = 25_600  # pairs
    batch: int = 64
    validate_every: int = 6_400
    editor: Path | None = None  # folder of the editor whose codes are used
    rate: float = 5e-3  # Adam, with a cosine down to zero
    ridge: float = 0.2  # the less is known, the less is shaded; with less of it other people's folds look drawn on

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return ShadingObjective.create(self, data, accelerator)


@dataclass(frozen=True)
class LaidPairs:
    """Pairs of pictures of one person: how their codes differ, and their brightness on the mean face."""

    change: Float[Tensor, "pairs 52"]
    ratio: Float[Tensor, "pairs 1 32 32"]  # natural logarithm
    often: Float[Tensor, " pairs"]  # how often each is drawn

    @classmethod
    def of(cls, model: LandmarkEditor, posed: PosedPictures) -> LaidPairs:
        """Every pair of these people of which one picture is at rest."""
        faces = read_faces(model, *posed)
        pairs, codes = to_and_from_neutral(faces), code_of(model, faces)
        laid = torch.cat([log_brightness(on_mean_face(model, part)) for part in posed.faces.split(64)])
        change, ratio = (part[pairs.truth] - part[pairs.source] for part in (codes, laid))
        return cls(change, ratio, chances(faces, pairs))

    def drawn(self, count: int, generator: torch.Generator) -> ShadingBatch:
        """Some pairs, half of them mirrored."""
        rows = torch.multinomial(self.often, count, replacement=True, generator=generator)
        mirrored = torch.rand(count, generator=generator, device=generator.device) < 0.5
        change, ratio = self.change[rows], self.ratio[rows]
        change = torch.where(mirrored[:, None], change[:, MIRRORED_UNITS], change)
        return ShadingBatch(change, torch.where(mirrored[:, None, None, None], ratio.flip(3), ratio))


class ShadingBatch(NamedTuple):
    """How codes differ, and the brightness of the skin with them."""

    change: Float[Tensor, "pairs 52"]
    ratio: Float[Tensor, "pairs 1 32 32"]


@dataclass
class ShadingObjective(EditorObjective):
    """The whole editor is published, but only its shading learns."""

    recipe: ShadingRecipe = field(kw_only=True)
    pairs: LaidPairs = field(kw_only=True)
    skin: Float[Tensor, "32 32"] = field(kw_only=True)  # where the map is held against the truth

    @classmethod
    @torch.no_grad()
    def create(cls, recipe: ShadingRecipe, data: Path | None, accelerator: Accelerator) -> ShadingObjective:
        """Read the people, and lay them on the mean face.

        Raises: SettingsError without a data folder or an editor.
        """
        model, data = editor_to_teach(
            recipe.editor, data, "Shading is learnt from pairs/ by a landmark editor that moves"
        )
        pairs = LaidPairs.of(model, posed_pictures(model.config.size, data, RetinaFaceDetector()))
        model.to(accelerator.device)
        model.requires_grad_(False)
        return cls(
            accelerator,
            {"model": model},
            {"model": Adam(model.shading.requires_grad_(True).parameters(), lr=recipe.rate)},
            faces_read=posed_counts(data),
            recipe=recipe,
            pairs=pairs,
            skin=skin_of(model),
        )

    def draw(self, count: int, moment: Moment) -> ShadingBatch:
        return self.pairs.drawn(count, moment.generator)

    def training_step(self, batch: ShadingBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, shading = self.recipe, self.editor.shading
        self.set_learning_rate("model", cosine_rate(recipe.rate, moment.progress))
        losses = {
            "missed": self._missed(batch).square().mean(),
            "ridge": shading.ratios.weight.square().sum() / CELLS**2,
        }
        self.descend(losses["missed"] + recipe.ridge * losses["ridge"], "model")
        return losses

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """How much of the ratios is left. Nothing is chosen by it: the last weights are the best."""
        left = self._missed(ShadingBatch(self.pairs.change, self.pairs.ratio)).abs().mean()
        whole = (self.skin * self.pairs.ratio).abs().mean()
        return {"score": 0.0, "left": float(left / whole)}

    def _missed(self, batch: ShadingBatch) -> Float[Tensor, "pairs 1 32 32"]:
        return self.skin * (self.editor.shading(batch.change) - batch.ratio)


@torch.no_grad()
def on_mean_face(model: LandmarkEditor, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 1 32 32"]:
    """Faces on the stable frame, in [-1, 1], warped so that their landmarks lie where those of the mean face are."""
    landmarks, _ = model.read(faces)
    back = inverse(to_stable_frame(landmarks))
    mean = moved_by(back, model.mean_face.expand(len(faces), -1, -1))
    side = _FINER * CELLS
    places = moved_by(back, pixel_places(side, side).flatten(0, 1).expand(len(faces), -1, -1))
    laid = cut(warp(faces, flow_between(landmarks, mean)).clamp(-1, 1), places.unflatten(1, (side, side)))
    return interpolate(laid, (CELLS, CELLS), mode="area")


def skin_of(model: LandmarkEditor) -> Float[Tensor, "32 32"]:
    """1 on the mean face but for the inside of its mouth, 0 beside it."""
    lips = (model.mean_face[MOUTH][INNER] + 1) * (CELLS / 2)
    return model.shading.face * (signed_distance(lips[None], CELLS, CELLS)[0] < -_LIPS)
