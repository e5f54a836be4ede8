"""A task of one weight for tests of the loop and of stages: learn y = 3 x."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from fer_demo.published.model import FaceModelConfig, PublishedModel
from training.engine.ema import ExponentialMovingAverage
from training.engine.objective import Moment, Objective, cosine_rate
from training.engine.recipe import Recipe


class Line(PublishedModel):
    """One weight."""

    def __init__(self, config: FaceModelConfig) -> None:
        super().__init__(config)
        self.layer = nn.Linear(1, 1, bias=False)


class LineObjective(Objective):
    """Learn y = 3 x, with noise, dropout and a cosine, all of which a resumed run must take up again."""

    def draw(self, count: int, moment: Moment) -> Tensor:
        return torch.from_numpy(moment.rng.normal(size=(count, 1))).float()

    def training_step(self, batch: Tensor, moment: Moment) -> dict[str, Tensor]:
        self.set_learning_rate("model", cosine_rate(0.2, moment.progress))
        noise = torch.randn(batch.shape, generator=moment.generator)
        x = nn.functional.dropout(batch, 0.1)
        loss = (self.networks["model"].layer(x) - 3 * x + 0.01 * noise).square().mean()
        self.descend(loss, "model")
        return {"squared_error": loss}

    def validate(self) -> dict[str, float]:
        return {"score": -abs(self.published().layer.weight.item() - 3)}

    def published(self) -> Line:
        return self.averages["model"].average


@dataclass(frozen=True)
class LineRecipe(Recipe):
    """Four hundred images in batches of ten."""

    images: int = 400
    batch: int = 10
    validate_every: int = 100

    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        network = Line(FaceModelConfig())
        optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
        average = ExponentialMovingAverage(network, 20)
        return LineObjective(accelerator, {"model": network}, {"model": optimizer}, {"model": average})
