"""Both networks learn together: to recognize faces, and to give them expressions that a critic takes for real."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy, l1_loss
from torch.optim import Adam

from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate, on_device
from training.feature_sharing.objective import MEMORY_ORDER, SharingObjective, SharingRecipe, without_statistics
from training.losses.gradient_penalty import gradient_penalty
from training.losses.label_critic import LabelCritic
from training.recognition.batches import RecognitionBatch


@dataclass(frozen=True)
class JointRecipe(SharingRecipe):
    """The weights are StarGAN's (Choi et al. 2018, Eq. 5 to 8): the paper states none that we know of."""

    images: int = 300_000
    rate: float = 5e-4  # of both optimizers, the peak of a cosine; Adam's first beta is 0.5
    critic_widths: tuple[int, ...] = (32, 64, 128, 256)
    adversarial_weight: float = 1.0
    class_weight: float = 1.0  # of the critic's answer to what the painted face shows
    cycle_weight: float = 10.0  # of the way back to the photograph
    penalty_weight: float = 10.0  # of the critic's gradient

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        model, batches = self.prepared(data, accelerator)
        critic = LabelCritic(self.model.channels, self.model.size, self.critic_widths)
        on_device(critic, accelerator, MEMORY_ORDER)
        networks = {"model": model, "critic": critic}
        return JointObjective(
            accelerator,
            networks=networks,
            optimizers={
                name: Adam(network.parameters(), lr=self.rate, betas=(0.5, 0.999)) for name, network in networks.items()
            },
            averages={"model": ExponentialMovingAverage(model, self.half_life)},
            faces_read=batches.faces.read,
            recipe=self,
            batches=batches,
        )


@dataclass
class JointObjective(SharingObjective):
    """The critic learns first in every step, then both networks at once."""

    recipe: JointRecipe = field(kw_only=True)

    def training_step(self, batch: RecognitionBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, model = self.recipe, self.model()
        for name in self.optimizers:
            self.set_learning_rate(name, cosine_rate(recipe.rate, moment.progress))
        targets = self.targets(batch, moment)
        count = len(targets)
        views = batch.views.contiguous(memory_format=MEMORY_ORDER)
        faces, own = views[:count], batch.expression[:count]
        with self.accelerator.autocast():
            shared = model.shared(views)
            painted = model.painted(faces, [maps[:count] for maps in shared.synthesis], targets)
            losses, figures = self.recognition_losses(shared, batch)
        figures |= self._critic_step(faces, own, painted, moment)
        with self.accelerator.autocast(), without_statistics(model):
            again = model.painted(painted, model.shared(painted).synthesis, own)
        losses |= self._synthesis_losses(faces, painted, again, targets)
        self.descend(torch.stack(list(losses.values())).sum(), "model")
        return {**losses, **figures}

    def _critic_step(
        self,
        faces: Float[Tensor, "batch c size size"],
        own: Int[Tensor, " batch"],
        painted: Float[Tensor, "batch c size size"],
        moment: Moment,
    ) -> dict[str, Tensor]:
        """-(mean score of photographs - mean score of painted faces) + penalty, and what photographs show."""
        critic, recipe = self._critic(), self.recipe
        made = painted.detach().float()
        with self.accelerator.autocast():
            real, fake = critic(faces), critic(made)
        share = torch.rand(len(faces), generator=moment.generator, device=faces.device)
        parts = {
            "critic": fake.scores.float().mean() - real.scores.float().mean(),
            "critic_class": cross_entropy(real.expression.float(), own),
            "critic_penalty": recipe.penalty_weight
            * gradient_penalty(lambda places: critic(places).scores, faces, made, share),
        }
        self.descend(torch.stack(list(parts.values())).sum(), "critic")
        return {**parts, "critic_accuracy": (real.expression.argmax(dim=1) == own).float().mean()}

    def _synthesis_losses(
        self, faces: Tensor, painted: Tensor, again: Tensor, targets: Int[Tensor, " batch"]
    ) -> dict[str, Tensor]:
        """What painted faces cost: their score, what the critic sees in them, and the way back."""
        recipe = self.recipe
        with self.accelerator.autocast():
            judged = self._critic()(painted)
        return {
            "adversarial": -recipe.adversarial_weight * judged.scores.float().mean(),
            "class": recipe.class_weight * cross_entropy(judged.expression.float(), targets),
            "cycle": recipe.cycle_weight * l1_loss(again.float(), faces),
        }

    def _critic(self) -> LabelCritic:
        critic = self.networks["critic"]
        assert isinstance(critic, LabelCritic)
        return critic
