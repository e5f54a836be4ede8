"""The mouth painter learns to paint at once: one step, held to the photograph by its grey levels and by a critic."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, relu
from torch.optim import AdamW

from fer_demo.layers.mouth_painter import conditions_of, standardized
from training.engine.objective import Moment, Objective, cosine_rate, on_device
from training.landmark_editor.mouth_critic import MouthCritic
from training.landmark_editor.painter_stage import (
    MouthBatch,
    MouthPainterObjective,
    MouthPainterRecipe,
    error_where_hidden,
    untold,
)


@dataclass(frozen=True)
class DistillationRecipe(MouthPainterRecipe):
    """Flow matching paints the mean of all mouths in one step; an absolute error and a critic give it edges."""

    images: int = 48_000
    rate: float = 3e-4  # AdamW, with a cosine down to zero
    critic_rate: float = 6e-4  # the same for the critic
    fine_share: float = 0.25
    critic_widths: tuple[int, int, int] = (32, 64, 128)
    critic_weight: float = 0.1  # of what the critic says beside the absolute error

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        return DistillationObjective.create(self, data, accelerator)


@dataclass
class DistillationObjective(MouthPainterObjective):
    """The painter and its critic take turns in every step."""

    recipe: DistillationRecipe = field(kw_only=True)

    @classmethod
    def create(cls, recipe: MouthPainterRecipe, data: Path | None, accelerator: Accelerator) -> DistillationObjective:
        """As for the painter, with a fresh critic.

        Raises: SettingsError without a data folder.
        """
        assert isinstance(recipe, DistillationRecipe)
        objective = super().create(recipe, data, accelerator)
        assert isinstance(objective, DistillationObjective)
        critic = MouthCritic(recipe.critic_widths)
        on_device(critic, accelerator, torch.channels_last)
        objective.networks["critic"] = critic
        objective.optimizers["critic"] = AdamW(
            critic.parameters(), lr=recipe.critic_rate, betas=(0.5, 0.99), weight_decay=recipe.weight_decay
        )
        return objective

    def training_step(self, batch: MouthBatch, moment: Moment) -> dict[str, Tensor]:
        recipe, critic, hidden = self.recipe, self.networks["critic"], batch.hidden
        assert isinstance(critic, MouthCritic)
        for name, rate in (("model", recipe.rate), ("critic", recipe.critic_rate)):
            self.set_learning_rate(name, cosine_rate(rate, moment.progress))
        standard, _, _ = standardized(batch.pictures, hidden)
        told = untold(batch, moment.generator)
        conditions = conditions_of(standard, hidden, batch.lips, batch.detail)
        with self.accelerator.autocast():
            painted = self.painter.at_once(conditions_of(standard, told.hidden, told.lips, told.detail))
            whole = hidden * painted + (1 - hidden) * standard
            true, false = critic.judge(standard, conditions), critic.judge(whole.detach(), conditions)
            caught = mean_where_hidden(relu(1 - true) + relu(1 + false), hidden)  # hinge loss (Lim and Ye 2017)
        self.descend(caught, "critic")
        with self.accelerator.autocast():
            passed = -mean_where_hidden(critic.judge(whole, conditions), hidden)
        error = error_where_hidden((painted - standard).abs(), hidden)
        self.descend(error + recipe.critic_weight * passed, "model", (self.painter,))
        return {"error": error, "critic": caught, "passed": passed}

    def validate(self) -> dict[str, float]:
        """The error of mouths of strangers in grey levels; it prefers blur, so the last checkpoint is the best."""
        return {"score": 0.0, "grey_error": self.grey_error()}


def mean_where_hidden(
    answers: Float[Tensor, "batch 1 rows columns"], hidden: Float[Tensor, "batch 1 48 64"]
) -> Float[Tensor, ""]:
    """The mean of a critic's answers over what was painted; elsewhere both pictures are the same."""
    weight = adaptive_avg_pool2d(hidden, (answers.shape[2], answers.shape[3]))
    return (answers * weight).sum() / weight.sum()
