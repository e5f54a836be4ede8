"""TER-GAN's first stage: codes that hold one factor each, learnt by painting one person with another's expression."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, l1_loss
from torch.optim import Adam, Optimizer

from fer_demo.capabilities import FactorCodes
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from training.data.augmentation import FOR_PAINTERS, Augmentation
from training.data.transfer_faces import transfer_faces
from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate, grown, on_device, start_from
from training.engine.recipe import Recipe
from training.losses.code_distance import code_distance, couple_distance
from training.losses.gradient_penalty import gradient_penalty
from training.losses.pixel_error import change_weight, edge_aware_error
from training.ter_gan.couples import CoupleBatch, CoupleBatches
from training.ter_gan.critic import TransferCritic
from training.two_codes.objective import TwoCodesObjective
from training.two_codes.validation import code_distances, painting_figures

_GROWING = 0.1  # share of the run over which they come to their whole weight
_AHEAD = 0.05  # share of the run by which the critic learns before it has a say


@dataclass(frozen=True)
class TERGANRecipe(Recipe):
    """The paper's weights are not known to us: all of them are ours.

    Errors of pictures count in hundredths, what the critic says and the distances of codes in units: hence the tenths.
    """

    images: int = 300_000
    batch: int = 16
    rate: float = 5e-4  # of the generator, the peak of a cosine; Adam's first beta is 0.5
    critic_rate: float = 0.6  # of that rate
    model: TDGANConfig = field(default_factory=TDGANConfig)
    augmentation: Augmentation = FOR_PAINTERS
    initial: Path | None = None  # folder of a published model of the same shape to start from; None: random weights
    critic_widths: tuple[int, ...] = (32, 64, 128, 256)
    adversarial_weight: float = 0.02
    expression_weight: float = 0.05  # of what D_e sees in a generated face
    identity_weight: float = 0.01  # of whom D_i sees in it
    reconstruction_weight: float = 10.0  # of a face painted from both of its own codes
    expression_code_weight: float = 0.1  # of the expression codes' distances, generated and real
    identity_code_weight: float = 0.1  # of the identity codes'
    penalty_weight: float = 10.0  # of the critic's gradient
    truth_weight: float = 5.0  # of the error beside the exact render; 0: as in the paper
    persons: int = 500  # of LFW: those with most photographs
    rendered_share: float = 0.25  # of every batch
    critic_from: float = 0.5  # share of the run after which the say of the critic and of the codes' distances grows
    half_life: int = 5_000  # of the averaged weights, images

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch % 2 or self.batch < 4:
            raise SettingsError(f"A batch of couples is even and at least 4, not {self.batch}.")
        if not 0 <= self.rendered_share < 1 or not 0 <= self.critic_from <= 1:
            raise SettingsError("What is rendered is a share from 0 up to 1, without 1; the critic's, up to 1.")
        if self.persons < 2:
            raise SettingsError("There must be at least 2 persons: the critic tells people apart.")

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return TERGANObjective.create(self, data, accelerator)


class Painted(NamedTuple):
    """What the generator makes of a batch, in [-1, 1]."""

    generated: Float[Tensor, "batch c size size"]
    rebuilt: Float[Tensor, "batch c size size"]  # from both of their own codes
    own: Float[Tensor, "batch c size size"]  # the faces that are rebuilt
    donors: FactorCodes  # of the generated faces: identity and expression come from two of them


@dataclass
class TERGANObjective(TwoCodesObjective):
    """The critic learns first in every step, then both encoders and the decoder."""

    recipe: TERGANRecipe = field(kw_only=True)
    batches: CoupleBatches = field(kw_only=True)

    @classmethod
    def create(cls, recipe: TERGANRecipe, data: Path | None, accelerator: Accelerator) -> TERGANObjective:
        """Read and align the faces, and make fresh networks."""
        size = recipe.model.size
        faces = transfer_faces(data, size, recipe.persons, recipe.rendered_share > 0, accelerator.device)
        model = TDGAN(recipe.model)
        if recipe.initial is not None:
            start_from(model, recipe.initial)
        critic = TransferCritic(recipe.model.channels, size, recipe.critic_widths, faces.persons)
        on_device(model, accelerator, torch.contiguous_format)
        on_device(critic, accelerator, torch.channels_last)
        painters = (model.identity_encoder, model.expression_encoder, model.decoder)
        learning = {"generator": [weights for part in painters for weights in part.parameters()]}
        learning["critic"] = list(critic.parameters())
        networks: dict[str, nn.Module] = {"model": model, "critic": critic}
        optimizers: dict[str, Optimizer] = {
            name: Adam(weights, lr=recipe.rate, betas=(0.5, 0.999)) for name, weights in learning.items()
        }
        averages = {"model": ExponentialMovingAverage(model, recipe.half_life)}
        batches = CoupleBatches(faces, size, recipe.augmentation, recipe.rendered_share)
        return cls(accelerator, networks, optimizers, averages, faces.read, recipe=recipe, batches=batches, faces=faces)

    def draw(self, count: int, moment: Moment) -> CoupleBatch:
        return self.batches.draw(count, moment.rng, moment.generator)

    def training_step(self, batch: CoupleBatch, moment: Moment) -> dict[str, Tensor]:
        recipe = self.recipe
        rate = cosine_rate(recipe.rate, moment.progress)
        self.set_learning_rate("generator", rate)
        self.set_learning_rate("critic", recipe.critic_rate * rate)
        with self.accelerator.autocast():
            painted = self._painted(batch)
        generated = painted.generated
        losses: dict[str, Tensor] = {}
        figures: dict[str, Tensor] = {}
        if moment.progress >= recipe.critic_from - _AHEAD:
            figures = self._critic_step(batch, painted.own, generated.detach().float(), moment)
            losses = self._judged_losses(generated, batch, moment)
            losses |= {name: self._say(moment) * loss for name, loss in self._code_losses(painted).items()}
        losses["reconstruction"] = recipe.reconstruction_weight * l1_loss(painted.rebuilt.float(), painted.own)
        if len(batch.truths):
            answers, sources = generated[-len(batch.truths) :].float(), batch.identity_faces[-len(batch.truths) :]
            error = edge_aware_error(answers, batch.truths, change_weight(batch.truths, sources))
            losses["truth"] = recipe.truth_weight * error
        self.descend(torch.stack(list(losses.values())).sum(), "generator")
        return {**losses, **figures}

    def _painted(self, batch: CoupleBatch) -> Painted:
        """Each person with the expression beside them; every other face of both kinds from its own two codes."""
        model, count = self._model(), len(batch.person)
        people, shows = batch.identity_faces[::2], batch.expression_faces[1::2]
        identity, identity_of_shows = model.identity_code(torch.cat([batch.identity_faces, shows])).split(count)
        expression, expression_of_people = model.expression_code(torch.cat([batch.expression_faces, people])).split(
            count
        )
        painted = model.paint(
            torch.cat([identity, identity[::2], identity_of_shows]),
            torch.cat([expression, expression_of_people, expression[1::2]]),
        )
        codes = FactorCodes(identity.flatten(1).float(), expression.flatten(1).float())
        return Painted(painted[:count], painted[count:], torch.cat([people, shows]), codes)

    def _code_losses(self, painted: Painted) -> dict[str, Tensor]:
        """Code consistency: of generated faces with their donors, and within the couples of real ones."""
        recipe, (identity, expression) = self.recipe, painted.donors
        with self.accelerator.autocast():
            again = self._model().encode(painted.generated)
        return {
            "expression_consistency": recipe.expression_code_weight
            * code_distance(again.expression.float(), expression),
            "identity_consistency": recipe.identity_code_weight * code_distance(again.identity.float(), identity),
            "expression_couples": recipe.expression_code_weight * couple_distance(expression),
            "identity_couples": recipe.identity_code_weight * couple_distance(identity),
        }

    def _critic_step(
        self,
        batch: CoupleBatch,
        own: Float[Tensor, "batch c size size"],
        made: Float[Tensor, "batch c size size"],
        moment: Moment,
    ) -> dict[str, Tensor]:
        """-(mean score of real faces - mean score of generated ones) + penalty, who real faces are, what both show."""
        critic, recipe, count = self.networks["critic"], self.recipe, len(made)
        share = torch.rand(count, generator=moment.generator, device=made.device)
        with self.accelerator.autocast():
            real, fake = critic(torch.cat([batch.identity_faces, batch.expression_faces])), critic(made)
            penalty = gradient_penalty(lambda places: critic(places).scores.float(), own, made, share)
        shown = real.expression[count:].float()
        parts = {
            "critic": fake.scores.float().mean() - real.scores.float().mean(),
            "critic_expression": cross_entropy(shown, batch.expression),
            "critic_painted": cross_entropy(fake.expression.float(), len(BASIC) + batch.expression),
            "critic_identity": cross_entropy(real.person[:count].float(), batch.person),
            "critic_penalty": recipe.penalty_weight * penalty,
        }
        self.descend(torch.stack(list(parts.values())).sum(), "critic")
        right = shown[:, : len(BASIC)].argmax(dim=1) == batch.expression
        known = real.person[:count].argmax(dim=1) == batch.person
        return {**parts, "critic_names_expression": right.float().mean(), "critic_knows_person": known.float().mean()}

    def _judged_losses(self, generated: Tensor, batch: CoupleBatch, moment: Moment) -> dict[str, Tensor]:
        """What the critic says of generated faces: their score, what it sees in place of the expression, and whom."""
        recipe = self.recipe
        say = self._say(moment)
        with self.accelerator.autocast():
            judged = self.networks["critic"](generated)
        seen, known = judged.expression.float(), judged.person.float()
        return {
            "adversarial": -say * recipe.adversarial_weight * judged.scores.float().mean(),
            "transfer_expression": say * recipe.expression_weight * cross_entropy(seen, batch.expression),
            "transfer_identity": say * recipe.identity_weight * cross_entropy(known, batch.person),
        }

    def _say(self, moment: Moment) -> float:
        return grown(moment.progress, self.recipe.critic_from, _GROWING)

    def validate(self) -> dict[str, float]:
        """How pictures and codes of strangers are; the score is the same for all, so that the last one is published.

        A small error alone would choose an early and blurred checkpoint, and nothing recognizes yet.
        """
        average, faces = self._average(), self.faces
        return {"score": 0.0, **painting_figures(average, faces), **code_distances(average, faces)}
