"""The mouth painter learns to paint at once: one step, held to the photograph by its grey levels and by a critic."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.nn.functional import relu
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

    images: int = 14_000
    validate_every: int = 7_000
    rate: float = 3e-4  # AdamW, of the painter and of its critic, with a cosine down to zero
    fine_share: float = 0.25
    critic_widths: tuple[int, ...] = (32, 64, 128)
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
            critic.parameters(), lr=recipe.rate, betas=(0.5, 0.99), weight_decay=recipe.weight_decay
        )
        return objective

    def training_step(self, batch: MouthBatch, moment: Moment) -> dict[str, Tensor]:
        for name in ("model", "critic"):
            self.set_learning_rate(name, cosine_rate(self.recipe.rate, moment.progress))
        critic, hidden = self.networks["critic"], batch.hidden
        standard, _, _ = standardized(batch.pictures, hidden)
        told = untold(batch, moment.generator)
        conditions = conditions_of(standard, hidden, batch.lips, batch.detail)
        with self.accelerator.autocast():
            painted = self.painter.at_once(conditions_of(standard, told.hidden, told.lips, told.detail))
            whole = hidden * painted + (1 - hidden) * standard
            # Hinge losses (Lim and Ye 2017).
            caught = relu(1 - critic(standard, conditions)).mean() + relu(1 + critic(whole.detach(), conditions)).mean()
        self.descend(caught, "critic")
        with self.accelerator.autocast():
            passed = -critic(whole, conditions).mean()
        error = error_where_hidden((painted - standard).abs(), hidden)
        self.descend(error + self.recipe.critic_weight * passed, "model", (self.painter,))
        return {"error": error, "critic": caught, "passed": passed}

    def validate(self) -> dict[str, float]:
        """The error of mouths of strangers in grey levels."""
        error = self.grey_error()
        return {"score": -error, "grey_error": error}
