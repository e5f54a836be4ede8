"""Pixel regression in closed form: sums over pairs of pictures, then a line for each pixel (Akram, Khan 2020)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from jaxtyping import Float, Int
from torch import Tensor, nn

from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.images import to_uint8
from fer_demo.models.pixel_regression import PixelRegression, PixelRegressionConfig
from fer_demo.published.differences import Difference
from training.data.expression_pairs import (
    ExpressionPairs,
    chances,
    inner_error,
    joined,
    posed_pairs,
    rendered_pairs,
)
from training.data.face_set import number_persons
from training.engine.objective import Moment, Objective
from training.engine.recipe import Recipe
from training.engine.stages import StagedRecipe

FOLDS = 4  # of people, each of whom is foretold by sums without their own fold
RENDERED_PEOPLE = 120  # of whom twelve pairs each way are taken
_SHOWN = 12  # pairs of a sheet

DIFFERENCES = (
    Difference("size", "not known to us", "128 × 128 pixels"),
    Difference(
        "data",
        "a few hundred aligned pairs of photographs, neutral and with an expression",
        "the people of CK+ and London who may teach, and as often rendered people; pairs back to neutral as well",
    ),
    Difference("colour", "the channels of RGB pictures, jointly", "grey pictures; a photo keeps its own colours"),
    Difference(
        "alignment",
        "tight, of both pictures",
        "the source on the template by eyes, nose and mouth, the target on the source by the eyes alone",
    ),
    Difference(
        "ridge",
        "towards a weight and a bias of 0; how strong is not known",
        "towards a weight of 1 and a bias of 0, which leave a face as it is; chosen on people who teach",
    ),
    Difference(
        "selection and test",
        "not known to us",
        "ridge and share of rendered people chosen in four folds of who teaches; tested on the other people of "
        "CK+ and London and on rendered people drawn anew",
    ),
    Difference(
        "at full size",
        "pictures of the size that was taught",
        "the change is enlarged and added to the photo's own pixels",
    ),
)


@dataclass(frozen=True)
class PixelRegressionRecipe(Recipe):
    """Seconds on one core; there is no learning rate."""

    model: PixelRegressionConfig = field(default_factory=PixelRegressionConfig)
    images: int = 20_480  # pairs drawn: each expression as often as any other
    batch: int = 256
    validate_every: int = 20_480
    ridge: float = 0.03  # of the mean square of a pixel, which is at most 1; the paper's is not known
    rendered_share: float = 0.5  # of the pairs of an expression that people posed for as well

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ridge <= 0 or not 0 <= self.rendered_share <= 1:
            raise SettingsError("--ridge must be above 0, and --rendered-share lie between 0 and 1.")

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return PixelRegressionObjective.create(self, data, accelerator)


@dataclass(frozen=True)
class PixelRegressionTraining(StagedRecipe):
    """One stage, which looks at every pixel alone."""

    ridge: float = PixelRegressionRecipe.ridge
    rendered_share: float = PixelRegressionRecipe.rendered_share

    @property
    def differences(self) -> tuple[Difference, ...]:
        return DIFFERENCES

    def stages(self, run: Path) -> dict[str, Recipe]:
        return {"lines": PixelRegressionRecipe(ridge=self.ridge, rendered_share=self.rendered_share)}


class Lines(NamedTuple):
    """The line of each pixel for each expression."""

    weight: Float[Tensor, "expressions size size"]
    bias: Float[Tensor, "expressions size size"]

    def along(
        self, source: Float[Tensor, "pairs size size"], expression: Int[Tensor, " pairs"]
    ) -> Float[Tensor, "pairs size size"]:
        """What the lines make of pictures."""
        return (self.weight[expression] * source + self.bias[expression]).clamp(-1, 1)


class NormalEquations(nn.Module):
    """Sums over pairs, fold by fold, which hold all that the least-squares lines depend on."""

    def __init__(self, size: int) -> None:
        super().__init__()
        shape = (FOLDS, len(BASIC), size, size)
        self.register_buffer("pairs", torch.zeros(shape[:2], dtype=torch.float64))
        for name in ("source", "square", "change", "product"):
            self.register_buffer(name, torch.zeros(shape, dtype=torch.float64))

    def add(
        self,
        source: Float[Tensor, "pairs size size"],
        target: Float[Tensor, "pairs size size"],
        expression: Int[Tensor, " pairs"],
        fold: Int[Tensor, " pairs"],
    ) -> None:
        """Add pairs in [-1, 1]."""
        change, place = target - source, (fold, expression)
        sums = {"source": source, "square": source**2, "change": change, "product": source * change}
        for name, values in sums.items():
            self.get_buffer(name).index_put_(place, values.double(), accumulate=True)
        self.get_buffer("pairs").index_put_(place, torch.ones(len(source), dtype=torch.float64), accumulate=True)

    def solve(self, ridge: float, without: int | None = None) -> Lines:
        """The lines y = x + u x + b that minimize the mean of (y - t)² + ridge (u² + b²), without one fold.

        Where no pair was added, a pixel stays as it is.
        """
        # Differs from the paper: its ridge draws a line to black, ours to leaving the face as it is.
        kept = [fold for fold in range(FOLDS) if fold != without]
        count = self.get_buffer("pairs")[kept].sum(dim=0).clamp_min(1)[:, None, None]
        source, square, change, product = (
            self.get_buffer(name)[kept].sum(dim=0) / count for name in ("source", "square", "change", "product")
        )
        # [square + ridge, source; source, 1 + ridge] [u, b] = [product, change], by Cramer's rule.
        determinant = (square + ridge) * (1 + ridge) - source**2
        slope = ((1 + ridge) * product - source * change) / determinant
        bias = ((square + ridge) * change - source * product) / determinant
        return Lines((1 + slope).float(), bias.float())


class PairBatch(NamedTuple):
    """Pairs in [-1, 1], half of them mirrored."""

    source: Float[Tensor, "pairs size size"]
    target: Float[Tensor, "pairs size size"]
    expression: Int[Tensor, " pairs"]
    fold: Int[Tensor, " pairs"]


@dataclass
class PixelRegressionObjective(Objective):
    """Nothing descends: the sums are what is learnt, and the model is solved from them."""

    recipe: PixelRegressionRecipe = field(kw_only=True)
    pairs: ExpressionPairs = field(kw_only=True)
    fold: Int[Tensor, " pairs"] = field(kw_only=True)

    @classmethod
    def create(
        cls, recipe: PixelRegressionRecipe, data: Path | None, accelerator: Accelerator
    ) -> PixelRegressionObjective:
        """Read and align the people.

        Raises: SettingsError without a data folder, DataError if a set is missing.
        """
        if data is None:
            raise SettingsError("Pixel regression is learnt from pairs/ and synthetic_factorial/; give --data.")
        size = recipe.model.size
        posed = posed_pairs(data, size, RetinaFaceDetector(threads=torch.get_num_threads()))
        pairs = joined(posed, rendered_pairs(data, size, RENDERED_PEOPLE))
        numbers = number_persons(pairs.person)
        return cls(
            accelerator,
            {"equations": NormalEquations(size).to(accelerator.device)},
            faces_read=dict(pairs.read),
            recipe=recipe,
            pairs=pairs,
            fold=torch.tensor([numbers[name] % FOLDS for name in pairs.person]),
        )

    def draw(self, count: int, moment: Moment) -> PairBatch:
        often = chances(self.pairs, self.recipe.rendered_share)
        batch = self._batch(torch.multinomial(often, count, replacement=True, generator=moment.generator))
        mirrored = torch.rand(count, generator=moment.generator, device=moment.generator.device) < 0.5
        source, target = (
            torch.where(mirrored[:, None, None], part.flip(2), part) for part in (batch.source, batch.target)
        )
        return batch._replace(source=source, target=target)

    @torch.no_grad()
    def training_step(self, batch: PairBatch, moment: Moment) -> dict[str, Tensor]:
        """Add the pairs; the error is that of the lines before they were added."""
        lines = self.equations.solve(self.recipe.ridge)
        error = (lines.along(batch.source, batch.expression) - batch.target).abs().mean()
        self.equations.add(*(self.accelerator.gather(part) for part in batch))  # every process adds those of all
        return {"pixel_error": error}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Of each set, how much nearer to the truth its people come by the lines of all people outside their fold.

        Nothing is chosen by it within a run: it ends with the only validation.
        """
        missed, changed = torch.zeros(len(self.pairs)), torch.zeros(len(self.pairs))
        for fold in range(FOLDS):
            lines = self.equations.solve(self.recipe.ridge, without=fold)
            for rows in torch.nonzero(self.fold == fold)[:, 0].split(self.recipe.batch):
                batch = self._batch(rows)
                found = lines.along(batch.source, batch.expression)
                missed[rows.cpu()] = inner_error(found, batch.target).cpu()
                changed[rows.cpu()] = inner_error(batch.source, batch.target).cpu()
        sets = [name.split()[0] for name in self.pairs.person]
        gains = {}
        for name in dict.fromkeys(sets):
            of_set = torch.tensor([one == name for one in sets])
            gains[f"{name}_gain"] = 1 - float(missed[of_set].sum() / changed[of_set].sum())
        return {"score": sum(gains.values()) / len(gains), **gains}

    def published(self) -> PixelRegression:
        model = PixelRegression(self.recipe.model)
        lines = self.equations.solve(self.recipe.ridge)
        model.lines.weight.data.copy_(lines.weight)
        model.lines.bias.data.copy_(lines.bias)
        return model.eval()

    def sample_sheet(self) -> np.ndarray:
        """Uncurated rendered people of one fold: the face, its edit by the lines of other people, and the truth."""
        few = torch.nonzero((self.fold == 0) & self.pairs.rendered)[:, 0]
        batch = self._batch(few[:: max(len(few) // _SHOWN, 1)][:_SHOWN])
        found = self.equations.solve(self.recipe.ridge, without=0).along(batch.source, batch.expression)
        columns = [to_uint8(part[:, None]) for part in (batch.source, found, batch.target)]
        return np.concatenate([np.concatenate(list(column), axis=0) for column in columns], axis=1)

    @property
    def equations(self) -> NormalEquations:
        """The sums so far."""
        equations = self.networks["equations"]
        assert isinstance(equations, NormalEquations)
        return equations

    def _batch(self, rows: Int[Tensor, " pairs"]) -> PairBatch:
        pairs = self.pairs
        source, target = (part[rows].float() / 127.5 - 1 for part in (pairs.source, pairs.target))
        return PairBatch(source, target, pairs.expression[rows], self.fold[rows])
