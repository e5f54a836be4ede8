"""IPD-FER's second stage: beside the frozen identity, pose and expression are learnt, and faces with and without it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, cross_entropy, l1_loss
from torch.optim import Adam

from fer_demo.capabilities import FactorCodes
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC, NEUTRAL
from fer_demo.metrics.perceptual import perceptual_distance
from fer_demo.models.ipd_fer import IPDFER, IPDFERConfig
from training.data.augmentation import FOR_PAINTERS, Augmentation
from training.data.expression_faces import check_all_shown, expression_faces
from training.data.factorial_faces import FactorialFaces, load_factorial
from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate, grown, on_device, start_from
from training.engine.recipe import Recipe
from training.ipd_fer.resting_faces import RestingBatch, RestingBatches
from training.ipd_fer.watching import neutral_figures, neutral_sheet
from training.losses.gradient_penalty import gradient_penalty
from training.losses.known_error import known_error
from training.losses.label_critic import LabelCritic
from training.losses.pixel_error import change_weight, edge_aware_error
from training.recognition.objective import answer_losses
from training.recognition.validation import recognition_figures
from training.two_codes.validation import prototypes

MEMORY_ORDER = torch.channels_last
_AHEAD, _GROWING = 0.05, 0.1  # shares of the run by which the critic learns first, and over which its say grows
PAINTED = len(BASIC)  # the critic's class for whatever is painted, after those of photographs


@dataclass(frozen=True)
class FacesRecipe(Recipe):
    """The paper's weights are not known to us: all of them are ours.

    Errors of pictures count in hundredths, cross-entropies and the critic's scores in units: hence ten and a tenth. The
    critic's are smaller still: at a tenth it broke faces at rest into patterns.
    """

    images: int = 450_000
    batch: int = 64
    rate: float = 5e-4  # the peak of a cosine; Adam's first beta is 0.5
    critic_rate: float = 0.6  # of that rate
    model: IPDFERConfig = field(default_factory=IPDFERConfig)
    augmentation: Augmentation = FOR_PAINTERS
    initial: Path | None = None  # folder of the model that the identity stage left
    critic_widths: tuple[int, ...] = (32, 64, 128, 256)
    label_smoothing: float = 0.05
    votes_weight: float = 1.0  # of the FER+ votes' loss beside the label's
    pose_weight: float = 0.5  # of the error of yaw and pitch, in units of 45 degrees
    reconstruction_weight: float = 10.0  # of the face painted from all three codes, and of neutral ones at rest
    perceptual_weight: float = 1.0  # of its distance in the maps of the identity encoder
    identity_weight: float = 1.0  # of the angle between the person and the person at rest
    neutral_pose_weight: float = 0.5  # of how far the face at rest is turned from the face
    neutral_weight: float = 0.03  # of what the critic reads in place of neutral
    adversarial_weight: float = 0.01  # of the critic's score of faces at rest
    difference_weight: float = 0.1  # of the label read from what the two painted faces differ in
    truth_weight: float = 5.0  # of the error beside the exact render at rest; 0: as in the paper
    penalty_weight: float = 10.0  # of the critic's gradient
    people_share: float = 0.25  # of every batch: people of LFW, without a label
    rendered_share: float = 0.125  # of every batch
    critic_from: float = 0.4  # share of the run after which the critic has a say
    half_life: int = 10_000  # of the averaged weights, images

    def __post_init__(self) -> None:
        super().__post_init__()
        shares = (self.people_share, self.rendered_share)
        if min(shares) < 0 or sum(shares) >= 1 or not 0 <= self.critic_from <= 1:
            raise SettingsError("People and rendered faces are shares of a batch from 0 up, together below 1.")

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        if self.initial is None:
            raise SettingsError("Faces are painted from a network that knows people; run the identity stage first.")
        return FacesObjective.create(self, data, accelerator)


class Painted(NamedTuple):
    """What the network makes of the views of a batch, and then of the rendered faces."""

    codes: FactorCodes  # of the views: person and pose, and the expression
    rebuilt: Float[Tensor, "views c size size"]
    at_rest: Float[Tensor, "views c size size"]
    answers: Float[Tensor, "rendered c size size"]  # rendered faces at rest


@dataclass
class FacesObjective(Objective):
    """All but the identity encoder learn, later beside a critic that learns first in every step."""

    recipe: FacesRecipe = field(kw_only=True)
    batches: RestingBatches = field(kw_only=True)
    strangers: FactorialFaces | None = field(kw_only=True)  # rendered people who never teach

    @classmethod
    def create(cls, recipe: FacesRecipe, data: Path | None, accelerator: Accelerator) -> FacesObjective:
        """Read and align the faces, and make the networks."""
        size, device = recipe.model.size, accelerator.device
        model = IPDFER(recipe.model)
        critic = LabelCritic(recipe.model.channels, size, recipe.critic_widths, PAINTED + 1)
        assert recipe.initial is not None
        start_from(model, recipe.initial)
        head = nn.Linear(recipe.model.expression_dims, len(recipe.model.expressions))
        networks: dict[str, nn.Module] = {"model": model, "critic": critic, "difference_head": head}
        for network in networks.values():
            on_device(network, accelerator, MEMORY_ORDER)
        model.identity_encoder.requires_grad_(False).eval()
        learning = [weights for weights in model.parameters() if weights.requires_grad]
        faces = expression_faces(data, size, device, synthetic=False, unlabelled=data is not None)
        check_all_shown(faces.real)
        rendered, strangers = (None, None) if data is None else load_factorial(data, size, device).split()
        read = faces.read | ({} if rendered is None else {"synthetic": rendered.pictures})
        optimizers = {
            "model": Adam([*learning, *head.parameters()], lr=recipe.rate, betas=(0.5, 0.999)),
            "critic": Adam(critic.parameters(), lr=recipe.rate, betas=(0.5, 0.999)),
        }
        return cls(
            accelerator,
            networks=networks,
            optimizers=dict(optimizers),
            averages={"model": ExponentialMovingAverage(model, recipe.half_life)},
            faces_read=read,
            recipe=recipe,
            batches=RestingBatches(faces, rendered, recipe.augmentation, recipe.people_share, recipe.rendered_share),
            strangers=strangers,
        )

    def draw(self, count: int, moment: Moment) -> RestingBatch:
        return self.batches.draw(count, self.recipe.model.size, moment.rng, moment.generator)

    def training_step(self, batch: RestingBatch, moment: Moment) -> dict[str, Tensor]:
        recipe = self.recipe
        rate = cosine_rate(recipe.rate, moment.progress)
        self.set_learning_rate("model", rate)
        self.set_learning_rate("critic", recipe.critic_rate * rate)
        with self.accelerator.autocast():
            painted = self._painted(batch)
        losses = self._answers(batch, painted) | self._pictures(batch, painted) | self._at_rest(batch, painted)
        figures: dict[str, Tensor] = {}
        if moment.progress >= recipe.critic_from - _AHEAD:  # what cannot rebuild a face yet need not be judged
            figures = self._critic_step(batch, painted.at_rest.detach().float(), moment)
            losses |= self._judged(batch, painted, moment)
        self.descend(torch.stack(list(losses.values())).sum(), "model")
        return {**losses, **figures}

    def _painted(self, batch: RestingBatch) -> Painted:
        model, views = self._model(), batch.views.views
        codes = model.encode(torch.cat([views, batch.rendered]).contiguous(memory_format=MEMORY_ORDER))
        stays, expression = codes
        count = len(views)
        nothing = torch.zeros_like(expression)
        painted = model.decode(FactorCodes(torch.cat([stays[:count], stays]), torch.cat([expression[:count], nothing])))
        rebuilt, at_rest, answers = painted.float().split([count, count, len(batch.rendered)])
        return Painted(FactorCodes(stays[:count].float(), expression[:count].float()), rebuilt, at_rest, answers)

    def _answers(self, batch: RestingBatch, painted: Painted) -> dict[str, Tensor]:
        """Expression and pose of the views, and the expression in what the two painted faces differ in."""
        recipe, model, views = self.recipe, self._model(), batch.views
        pose_code = painted.codes.identity[:, recipe.model.identity_dims :]
        with self.accelerator.autocast():
            logits = model.expression_head(painted.codes.expression).float()
            pose = model.pose_head(pose_code).float()
            seen = model.expression_encoder(torch.cat([painted.rebuilt, painted.at_rest])).float()
            with_it, without = seen.chunk(2)
            told = self.networks["difference_head"](with_it - without).float()
        known = views.expression >= 0
        target = views.expression.clamp(min=0)
        of_each = cross_entropy(told, target, reduction="none")
        losses = answer_losses(logits, logits, views, recipe.label_smoothing, recipe.votes_weight)
        losses["pose"] = recipe.pose_weight * known_error(pose, views.auxiliary.pose, views.auxiliary.landmarks_known)
        losses["difference"] = recipe.difference_weight * (of_each * known).sum() / known.sum().clamp(min=1)
        return losses

    def _pictures(self, batch: RestingBatch, painted: Painted) -> dict[str, Tensor]:
        """The face from all three codes, and rendered faces at rest beside the exact answer."""
        recipe, views = self.recipe, batch.views.views
        with self.accelerator.autocast():
            distance = perceptual_distance(painted.rebuilt, views, self._model().identity_encoder.maps)
        losses = {
            "reconstruction": recipe.reconstruction_weight * l1_loss(painted.rebuilt, views),
            "perceptual": recipe.perceptual_weight * distance.float().mean(),
        }
        if len(batch.truths):
            weight = change_weight(batch.truths, batch.rendered)
            losses["truth"] = recipe.truth_weight * edge_aware_error(painted.answers, batch.truths, weight)
        return losses

    def _at_rest(self, batch: RestingBatch, painted: Painted) -> dict[str, Tensor]:
        """Faces at rest are the same people in the same pose; a neutral face is at rest as it is."""
        recipe, model, people = self.recipe, self._model(), self.recipe.model.identity_dims
        with self.accelerator.autocast():
            again = model.person_and_pose(painted.at_rest).float()
            pose = model.pose_head(torch.cat([painted.codes.identity, again])[:, people:]).float()
        stays = painted.codes.identity.detach()
        angle = 1 - cosine_similarity(again[:, :people], stays[:, :people]).mean()
        before, after = pose.chunk(2)
        neutral = batch.views.expression == NEUTRAL
        missed = (painted.at_rest - batch.views.views).abs().mean(dim=(1, 2, 3))
        return {
            "rest": recipe.reconstruction_weight * (missed * neutral).sum() / neutral.sum().clamp(min=1),
            "neutral_identity": recipe.identity_weight * angle,
            "neutral_pose": recipe.neutral_pose_weight * l1_loss(after, before.detach()),
        }

    def _judged(self, batch: RestingBatch, painted: Painted, moment: Moment) -> dict[str, Tensor]:
        """Faces at rest are photographs of nobody's expression to the critic."""
        recipe, say = self.recipe, grown(moment.progress, self.recipe.critic_from, _GROWING)
        known = batch.views.expression >= 0  # those of whose kind the critic sees photographs at rest
        with self.accelerator.autocast():
            judged = self.networks["critic"](painted.at_rest[known])
        neutral = torch.full((int(known.sum()),), NEUTRAL, device=known.device)
        return {
            "neutral": say * recipe.neutral_weight * cross_entropy(judged.expression.float(), neutral),
            "adversarial": -say * recipe.adversarial_weight * judged.scores.float().mean(),
        }

    def _critic_step(
        self, batch: RestingBatch, made: Float[Tensor, "views c size size"], moment: Moment
    ) -> dict[str, Tensor]:
        """-(mean score of photographs at rest - mean score of painted ones) + penalty, and what both show.

        Whatever is painted has a class of its own, or any pattern that looks neutral to the critic would do.
        """
        critic, recipe, count = self.networks["critic"], self.recipe, len(batch.resting)
        known = batch.views.expression >= 0
        made = made[known][:count]
        share = torch.rand(len(made), generator=moment.generator, device=made.device)
        with self.accelerator.autocast():
            real, fake = critic(torch.cat([batch.resting, batch.views.views[known]])), critic(made)
            resting = batch.resting[: len(made)]
            penalty = gradient_penalty(lambda places: critic(places).scores.float(), resting, made, share)
        shown, labels = real.expression[count:].float(), batch.views.expression[known]
        painted = torch.full((len(made),), PAINTED, device=made.device)
        parts = {
            "critic": fake.scores.float().mean() - real.scores[:count].float().mean(),
            "critic_class": cross_entropy(shown, labels),
            "critic_painted": cross_entropy(fake.expression.float(), painted),
            "critic_penalty": recipe.penalty_weight * penalty,
        }
        self.descend(torch.stack(list(parts.values())).sum(), "critic")
        right = shown[:, :PAINTED].argmax(dim=1) == labels
        return {**parts, "critic_accuracy": right.float().mean()}

    def _model(self) -> IPDFER:
        model = self.networks["model"]
        assert isinstance(model, IPDFER)
        return model

    def validate(self) -> dict[str, float]:
        """Accuracy, and how near faces and rendered strangers at rest come.

        The score is the same for all, so that the last one is published: the best recognizer need not paint best.
        """
        model, validation = self._average(), self.batches.faces.validation
        figures = recognition_figures(model, validation) | neutral_figures(model, validation, self.strangers)
        return figures | {"score": 0.0}

    def published(self) -> IPDFER:
        average = self._average()
        average.expression_prototypes.copy_(prototypes(average, self.batches.faces.real))
        return average

    def sample_sheet(self) -> np.ndarray:
        return neutral_sheet(self._average(), self.batches.faces.validation, self.strangers)

    def _average(self) -> IPDFER:
        average = self.averages["model"].average
        assert isinstance(average, IPDFER)
        return average
