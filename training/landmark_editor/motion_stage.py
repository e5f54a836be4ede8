"""The motion: where landmarks go, learnt from people who were photographed twice, every person counting the same.

An error is held against how far the person truly moved, so that a grin put on somebody who smiles faintly costs more
than a faint smile on somebody who grins: of two unsure answers the smaller is the better.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from accelerate import Accelerator
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import Adam

from fer_demo.expressions import BASIC, NEUTRAL
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.models.landmark_editor import LandmarkEditor
from training.engine.objective import Moment, Objective, cosine_rate
from training.engine.recipe import Recipe
from training.landmark_editor.editor_objective import EditorObjective, editor_to_teach
from training.landmark_editor.true_motion import (
    Couples,
    ReadFaces,
    chances,
    couples_of,
    drivers_of_fer2013,
    joined,
    people_of_lfw,
    posed_counts,
    posed_pictures,
    read_faces,
    to_and_from_neutral,
)
from training.landmark_editor.unit_basis import unit_basis

# The landmarks that count, and how much beside the others.
_REGIONS = ((slice(17, 27), 1.0), (slice(27, 36), 0.3), (slice(36, 48), 1.0), (slice(48, 68), 1.0))
_NOISE = 0.02  # of a frame 2 wide: about how far landmarks are missed; a smaller motion is not known
_ASKED = 0.7  # of the mean expression: where prototypes begin


@dataclass(frozen=True)
class MotionRecipe(Recipe):
    """A minute on one core; the weights hold a few thousand numbers at what is known without pairs."""

    images: int = 38_400  # pairs
    batch: int = 64
    validate_every: int = 6_400
    editor: Path | None = None  # folder of the editor whose reader is used
    rate: float = 3e-3  # Adam, with a cosine down to zero
    lfw_weight: float = 0.05  # of pairs that nobody posed
    unit_weight: float = 0.005  # codes stay near the units that are read
    basis_weight: float = 1.0  # the motion of each unit stays near that of the head model and of LFW
    shape_weight: float = 100.0  # little of a face's shape counts
    prototype_weight: float = 0.005  # prototypes stay near the mean of what people show
    label_weight: float = 1.0  # drivers are taken for what they show
    remainder_weight: float = 0.05  # little of a driver's own manner is asked of others
    coarse_drivers: float = 0.25  # share of the drivers from FER2013, whose faces were not posed in a studio

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return MotionObjective.create(self, data, accelerator)


class MotionBatch(NamedTuple):
    """Pairs of pictures of one person, and a stranger who drives each."""

    source: Int[Tensor, " pairs"]
    truth: Int[Tensor, " pairs"]
    driver: Int[Tensor, " pairs"]
    has_driver: Tensor  # (pairs,) bool
    found: Couples  # pairs of LFW


@dataclass
class MotionObjective(EditorObjective):
    """The whole editor is published, but only code, motion, prototypes and what drivers ask for learn."""

    recipe: MotionRecipe = field(kw_only=True)
    posed: ReadFaces = field(kw_only=True)
    pairs: Couples = field(kw_only=True)
    drivers: ReadFaces = field(kw_only=True)  # the posed people, and after them faces of FER2013
    people: ReadFaces = field(kw_only=True)
    met: Couples = field(kw_only=True)
    basis: Tensor = field(kw_only=True)
    first_prototypes: Tensor = field(kw_only=True)

    @classmethod
    def create(cls, recipe: MotionRecipe, data: Path | None, accelerator: Accelerator) -> MotionObjective:
        """Read the people, and begin with what is known without pairs.

        Raises: SettingsError without a data folder or an editor.
        """
        model, data = editor_to_teach(
            recipe.editor, data, "Motion is learnt from pairs/ by a landmark editor that reads"
        )
        detector = RetinaFaceDetector()
        posed = read_faces(model, *posed_pictures(model.config.size, data, detector))
        people = people_of_lfw(model, data)
        coarse = drivers_of_fer2013(model, data)
        met = couples_of(people)
        basis = unit_basis(people, met)
        prototypes = begin(model, posed, people, basis)
        model.to(accelerator.device)
        model.requires_grad_(False)
        model.expression_prototypes.requires_grad_(True)  # of the model a buffer
        learning = [model.expression_prototypes]
        for part in (model.code, model.motion, model.driver):
            learning += list(part.requires_grad_(True).parameters())
        return cls(
            accelerator,
            {"model": model},
            {"model": Adam(learning, lr=recipe.rate)},
            faces_read={**posed_counts(data), "lfw": len(people), "fer2013": len(coarse)},
            recipe=recipe,
            posed=posed,
            drivers=joined(posed, coarse),
            pairs=to_and_from_neutral(posed),
            people=people,
            met=met,
            basis=basis,
            first_prototypes=prototypes,
        )

    def draw(self, count: int, moment: Moment) -> MotionBatch:
        generator = moment.generator
        rows = torch.multinomial(chances(self.posed, self.pairs), count, replacement=True, generator=generator)
        source, truth = self.pairs.source[rows], self.pairs.truth[rows]
        faces = self.posed
        shown, person, drivers = faces.expression[truth][:, None], faces.person[truth][:, None], self.drivers
        drives = (shown == drivers.expression) & (shown >= 0) & (person != drivers.person)
        coarse = torch.arange(len(drivers), device=drives.device) >= len(faces)
        share = self.recipe.coarse_drivers
        often = _spread(drives & ~coarse, 1 - share) + _spread(drives & coarse, share)
        has_driver = often.any(dim=1)
        driver = torch.multinomial(often + 1e-9, 1, generator=generator)[:, 0]
        met = torch.randint(len(self.met), (count,), generator=generator, device=generator.device)
        return MotionBatch(source, truth, driver, has_driver, Couples(self.met.source[met], self.met.truth[met]))

    def training_step(self, batch: MotionBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, model, faces = self.recipe, self.editor, self.posed
        self.set_learning_rate("model", cosine_rate(recipe.rate, moment.progress))
        codes = code_of(model, faces)
        own, shown = codes[batch.source], faces.expression[batch.truth]
        before, after = faces.shapes[batch.source], faces.shapes[batch.truth]

        def missed(asked: Tensor) -> Float[Tensor, " pairs"]:
            return relative_error(before + model.displacement(asked - own), before, after)

        named = missed(model.expression_prototypes[shown.clamp_min(0)])[shown >= 0]
        drivers = code_of(model, self.drivers.select(batch.driver))
        driven = missed(model.driver(drivers, model.expression_prototypes))[batch.has_driver]
        chosen = model.driver.choice(drivers[batch.has_driver])
        some, other = (self.people.select(rows) for rows in (batch.found.source, batch.found.truth))
        some_code, other_code = code_of(model, some), code_of(model, other)
        moved = some.shapes + model.displacement(other_code - some_code)
        losses = {
            "named": named.mean(),
            "driven": driven.mean(),
            "label": cross_entropy(chosen, shown[batch.has_driver]),
            "own": missed(codes[batch.truth]).mean(),
            "met": relative_error(moved, some.shapes, other.shapes).mean(),
            "units": (some_code - some.units - model.code.bias.detach()).square().sum(dim=1).mean(),
            "basis": (model.motion.weight - self.basis).square().sum(),
            "shape": model.code.weight[:, : -some.units.shape[1]].square().sum(),
            "prototypes": (model.expression_prototypes - self.first_prototypes).square().sum(),
            "remainder": torch.stack([part.square().sum() for part in model.driver.remainder.parameters()]).sum(),
        }
        weights = {
            "label": recipe.label_weight,
            "met": recipe.lfw_weight,
            "units": recipe.unit_weight,
            "basis": recipe.basis_weight,
            "shape": recipe.shape_weight,
            "prototypes": recipe.prototype_weight,
            "remainder": recipe.remainder_weight,
        }
        self.descend(sum((weights.get(name, 1.0) * loss for name, loss in losses.items()), torch.zeros(())), "model")
        return losses

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """How near the pairs that teach are matched. Nothing is chosen by it: the last weights are the best."""
        model, faces, pairs = self.editor, self.posed, self.pairs
        codes = code_of(model, faces)
        own, shown = codes[pairs.source], faces.expression[pairs.truth]
        before, after = faces.shapes[pairs.source], faces.shapes[pairs.truth]
        moved = before + model.displacement(model.expression_prototypes[shown.clamp_min(0)] - own)
        error = relative_error(moved, before, after)
        return {"score": 0.0, "named": float(error[shown >= 0].mean())}


@torch.no_grad()
def begin(model: LandmarkEditor, posed: ReadFaces, people: ReadFaces, basis: Tensor) -> Float[Tensor, "7 52"]:
    """Codes are the units above those of a face at rest, and prototypes their means; returns the prototypes."""
    model.mean_face.copy_(people.shapes.mean(dim=0))
    model.motion.weight.copy_(basis)
    count = posed.units.shape[1]
    model.code.weight.zero_()
    model.code.weight[:, -count:].copy_(torch.eye(count))
    model.code.bias.copy_(-posed.units[posed.expression == NEUTRAL].mean(dim=0))
    codes = code_of(model, posed)
    for place in range(len(BASIC)):
        shown = posed.expression == place
        asked = codes[shown].mean(dim=0) if place != NEUTRAL and shown.any() else torch.zeros(count)
        model.expression_prototypes[place] = _ASKED * asked
    model.driver.start_from(model.expression_prototypes)
    return model.expression_prototypes.clone()


def code_of(model: LandmarkEditor, faces: ReadFaces) -> Float[Tensor, "faces 52"]:
    """The codes of faces that were read."""
    return model.code_in_frame(faces.shapes, faces.units)


def relative_error(
    made: Float[Tensor, "pairs 68 2"], before: Float[Tensor, "pairs 68 2"], after: Float[Tensor, "pairs 68 2"]
) -> Float[Tensor, " pairs"]:
    """Mean distance to the truth over how far the truth is, region by region; 1 for no motion, 0 for the true one."""
    total = made.new_zeros(len(made))
    for region, weight in _REGIONS:
        distance, motion = ((part[:, region] - after[:, region]).norm(dim=2).mean(dim=1) for part in (made, before))
        total = total + weight * distance / (motion + _NOISE)
    return total / sum(weight for _, weight in _REGIONS)


def _spread(allowed: Bool[Tensor, "pairs faces"], share: float) -> Float[Tensor, "pairs faces"]:
    """This share of a probability, spread evenly over the faces that are allowed."""
    return share * allowed / allowed.sum(dim=1, keepdim=True).clamp_min(1)
