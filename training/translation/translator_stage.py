"""A label translator learns from a critic, from the way back, and from pairs whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, l1_loss
from torch.optim import Adam, Optimizer

from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.images import to_uint8
from fer_demo.models.label_translator import LabelTranslator, LabelTranslatorConfig
from training.data.agreed_faces import AgreedFaces, agreed_faces
from training.data.augmentation import Augmentation, plain_views, random_views, views_alike
from training.data.expression_pairs import ExpressionPairs, chances, inner_error, joined, posed_pairs, rendered_pairs
from training.data.face_set import MARGIN
from training.engine.ema import ExponentialMovingAverage, evaluating
from training.engine.objective import Moment, Objective, cosine_rate, grown, on_device, start_from
from training.engine.recipe import Recipe
from training.losses.gradient_penalty import gradient_penalty
from training.losses.label_critic import LabelCritic
from training.losses.pixel_error import change_weight, edge_aware_error
from training.translation.still_places import still_places, stirred

SHEET_PHOTOS, SHEET_RENDERED = 8, 4  # rows of the sheet


@dataclass(frozen=True)
class TranslatorRecipe(Recipe):
    """The first four weights are those of US-GAN (Akram and Khan 2023); StarGAN's differ in the way back."""

    images: int = 600_000
    batch: int = 32
    rate: float = 1e-3  # of the translator, the peak of a cosine; Adam's first beta is 0.5
    critic_rate: float = 0.3  # of that rate: at the whole of it the critic does not learn expressions
    model: LabelTranslatorConfig = field(default_factory=LabelTranslatorConfig)
    augmentation: Augmentation = field(
        default_factory=lambda: Augmentation(
            zoom=0.06, turn=6.0, shift=0.03, contrast=0.3, brightness=0.2, gamma=0.25, blur=0.0, erase=0.0
        )
    )
    initial: Path | None = None  # folder of a published model of the same shape to start from; None: random weights
    critic_widths: tuple[int, ...] = (32, 64, 128, 256)
    adversarial_weight: float = 1.0
    class_weight: float = 1.0  # of what the critic reads on painted faces
    cycle_weight: float = 1.0  # of the way back to the photograph
    penalty_weight: float = 10.0  # of the critic's gradient
    truth_weight: float = 5.0  # of the error beside the true picture; 0: as in the papers
    still_weight: float = 5.0  # of change where nothing moves; 0: as in the papers
    agreed_share: float = 0.5  # more voters than this agree on each photograph
    paired_share: float = 0.25  # of every batch
    rendered_share: float = 0.5  # of the pairs of an expression that people posed for as well
    critic_from: float = 0.1  # share of the run over which the critic's say grows to its whole weight
    half_life: int = 5_000  # of the averaged weights, images

    def __post_init__(self) -> None:
        super().__post_init__()
        if not all(0 <= share < 1 for share in (self.agreed_share, self.paired_share)):
            raise SettingsError("The shares of agreeing voters and of pairs must lie between 0 and 1, without 1.")
        if not all(0 <= share <= 1 for share in (self.rendered_share, self.critic_from)):
            raise SettingsError("The share of rendered pairs and of the critic's growth must lie between 0 and 1.")

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return TranslatorObjective.create(self, data, accelerator)


class TranslationBatch(NamedTuple):
    """Photographs with their own expression, and pairs: a face, its expression, and the true picture of it."""

    photos: Float[Tensor, "photos 1 size size"]
    own: Int[Tensor, " photos"]
    sources: Float[Tensor, "pairs 1 size size"]
    truths: Float[Tensor, "pairs 1 size size"]
    shown: Int[Tensor, " pairs"]  # by the truths


@dataclass
class TranslatorObjective(Objective):
    """The critic learns first in every step, then the translator."""

    recipe: TranslatorRecipe = field(kw_only=True)
    faces: AgreedFaces = field(kw_only=True)
    pairs: ExpressionPairs = field(kw_only=True)
    often: Float[Tensor, " pairs"] = field(kw_only=True)  # how often each pair is drawn
    strangers: ExpressionPairs = field(kw_only=True)  # rendered people who never teach
    still: Float[Tensor, "size size"] = field(kw_only=True)

    @classmethod
    def create(cls, recipe: TranslatorRecipe, data: Path | None, accelerator: Accelerator) -> TranslatorObjective:
        """Read and align the faces, and make fresh networks.

        Raises: SettingsError without a data folder, DataError if a set is missing.
        """
        if data is None:
            raise SettingsError(
                "A label translator is learnt from fer2013/, pairs/ and synthetic_factorial/; give --data."
            )
        size, device = recipe.model.size, accelerator.device
        model = LabelTranslator(recipe.model)
        if recipe.initial is not None:
            start_from(model, recipe.initial)
        critic = LabelCritic(recipe.model.channels, size, recipe.critic_widths, 2 * len(BASIC))
        on_device(model, accelerator, torch.contiguous_format)
        on_device(critic, accelerator, torch.channels_last)
        posed = posed_pairs(data, size, RetinaFaceDetector(threads=torch.get_num_threads()), MARGIN)
        pairs = joined(posed, rendered_pairs(data, size, margin=MARGIN))
        faces = agreed_faces(data, size, device, recipe.agreed_share)
        networks: dict[str, nn.Module] = {"model": model, "critic": critic}
        optimizers: dict[str, Optimizer] = {
            name: Adam(network.parameters(), lr=recipe.rate, betas=(0.5, 0.999)) for name, network in networks.items()
        }
        return cls(
            accelerator,
            networks=networks,
            optimizers=optimizers,
            averages={"model": ExponentialMovingAverage(model, recipe.half_life)},
            faces_read=faces.read | dict(pairs.read),
            recipe=recipe,
            faces=faces,
            pairs=pairs,
            often=chances(pairs, recipe.rendered_share),
            strangers=rendered_pairs(data, size, margin=MARGIN, teaching=False),
            still=still_places(pairs, size).to(device),
        )

    def draw(self, count: int, moment: Moment) -> TranslationBatch:
        device, pairs = self.accelerator.device, self.pairs
        paired = round(count * self.recipe.paired_share)
        photos = self.faces.sample(count - paired, moment.rng)
        rows = torch.from_numpy(moment.rng.choice(len(pairs), size=paired, p=_whole(self.often)))
        crops = pairs.source[rows].to(device), pairs.target[rows].to(device)
        sources, truths = views_alike(*crops, self.recipe.model.size, self.recipe.augmentation, moment.rng)
        views = self._views(photos.crops, moment.generator)
        return TranslationBatch(views, photos.expression, sources, truths, pairs.expression[rows].to(device))

    def training_step(self, batch: TranslationBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, model = self.recipe, self.networks["model"]
        rate = cosine_rate(recipe.rate, moment.progress)
        self.set_learning_rate("model", rate)
        self.set_learning_rate("critic", recipe.critic_rate * rate)
        count = len(batch.photos)
        targets = torch.randint(len(BASIC), (count,), generator=moment.generator, device=batch.own.device)
        with self.accelerator.autocast():
            both = model(torch.cat([batch.photos, batch.sources]), torch.cat([targets, batch.shown]))
        painted, answers = both[:count], both[count:].float()
        figures = self._critic_step(batch, painted.detach().float(), targets, moment)
        losses = self._judged_losses(painted, targets, moment)
        with self.accelerator.autocast():
            again = model(painted, batch.own)
        losses["cycle"] = recipe.cycle_weight * l1_loss(again.float(), batch.photos)
        losses["still"] = recipe.still_weight * stirred(painted.float(), batch.photos, self.still)
        weight = change_weight(batch.truths, batch.sources)
        losses["truth"] = recipe.truth_weight * edge_aware_error(answers, batch.truths, weight)
        self.descend(torch.stack(list(losses.values())).sum(), "model")
        return {**losses, **figures, "change": (painted.detach().float() - batch.photos).abs().mean()}

    def _critic_step(
        self, batch: TranslationBatch, made: Float[Tensor, "photos 1 size size"], targets: Tensor, moment: Moment
    ) -> dict[str, Tensor]:
        """-(mean score of photographs - mean score of painted faces) + penalty, and what both show.

        Painted faces are classes of their own, after those of photographs; true pictures of pairs count as photographs.
        """
        critic, recipe, count = self.networks["critic"], self.recipe, len(made)
        share = torch.rand(count, generator=moment.generator, device=made.device)
        with self.accelerator.autocast():
            real, fake = critic(torch.cat([batch.photos, batch.truths])), critic(made)
            penalty = gradient_penalty(lambda places: critic(places).scores.float(), batch.photos, made, share)
        shown = torch.cat([batch.own, batch.shown])
        parts = {
            "critic": fake.scores.float().mean() - real.scores[:count].float().mean(),
            "critic_class": cross_entropy(real.expression.float(), shown),
            "critic_painted": cross_entropy(fake.expression.float(), len(BASIC) + targets),
            "critic_penalty": recipe.penalty_weight * penalty,
        }
        self.descend(torch.stack(list(parts.values())).sum(), "critic")
        right = real.expression[:count, : len(BASIC)].argmax(dim=1) == batch.own
        return {**parts, "critic_accuracy": right.float().mean()}

    def _judged_losses(
        self, painted: Float[Tensor, "photos 1 size size"], targets: Int[Tensor, " photos"], moment: Moment
    ) -> dict[str, Tensor]:
        """What painted faces cost with the critic: their score, and what it sees in place of the expression."""
        recipe = self.recipe
        say = grown(moment.progress, 0.0, recipe.critic_from)
        with self.accelerator.autocast():
            judged = self.networks["critic"](painted)
        return {
            "adversarial": -say * recipe.adversarial_weight * judged.scores.float().mean(),
            "class": say * recipe.class_weight * cross_entropy(judged.expression.float(), targets),
        }

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """How much nearer to the truth rendered strangers come, and how far photographs change.

        The score is the same for all: a small error alone would choose an early and blurred checkpoint, so the last
        one is published.
        """
        model, size = self.published(), self.recipe.model.size
        missed = changed = 0.0
        for rows in torch.arange(len(self.strangers)).split(256):
            source, truth = (
                plain_views(part[rows].to(self.accelerator.device), size)
                for part in (self.strangers.source, self.strangers.target)
            )
            labels = self.strangers.expression[rows].to(source.device)
            found = model.edit_to_label(source, labels, torch.ones(len(rows), device=source.device))
            missed += float(inner_error(found[:, 0], truth[:, 0]).sum())
            changed += float(inner_error(source[:, 0], truth[:, 0]).sum())
        views = plain_views(self.faces.validation.crops[:256], size)
        labels = torch.arange(len(views), device=views.device) % len(BASIC)
        photos = model.edit_to_label(views, labels, torch.ones(len(views), device=views.device))
        change = (photos - views).abs()
        return {
            "score": 0.0,
            "rendered_gain": 1 - missed / changed,
            "change": float(change.mean()),
            "still_change": float((change * self.still).mean() / self.still.mean()),
        }

    def published(self) -> LabelTranslator:
        average = self.averages["model"].average
        assert isinstance(average, LabelTranslator)
        return average

    def sample_sheet(self) -> np.ndarray:
        """Uncurated: the first photographs of the validation cut and rendered strangers, each with every expression."""
        size, device = self.recipe.model.size, self.accelerator.device
        few = torch.linspace(0, len(self.strangers) - 1, SHEET_RENDERED).long()
        crops = torch.cat([self.faces.validation.crops[:SHEET_PHOTOS], self.strangers.source[few].to(device)])
        views, model = plain_views(crops, size), self.published()
        everything = torch.ones(len(views), device=device)
        labels = torch.arange(len(BASIC), device=device)
        with evaluating(model):
            columns = [model.edit_to_label(views, label.expand(len(views)), everything) for label in labels]
        rows = torch.stack([views, *columns], dim=1)
        return np.concatenate([np.concatenate(list(to_uint8(row)), axis=1) for row in rows], axis=0)

    def _views(self, crops: Tensor, generator: torch.Generator) -> Float[Tensor, "faces 1 size size"]:
        return random_views(crops, self.recipe.model.size, self.recipe.augmentation, generator)


def _whole(chances: Float[Tensor, " pairs"]) -> np.ndarray:
    """Chances that add up to exactly one."""
    numbers = chances.double().numpy()
    return np.asarray(numbers / numbers.sum())
