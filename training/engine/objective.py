"""What a recipe builds: networks, optimizers and one training step; the loop knows nothing else."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from fer_demo.checkpoints import load_model
from fer_demo.errors import SettingsError
from fer_demo.published.model import PublishedModel
from training.engine.ema import ExponentialMovingAverage


@dataclass(frozen=True)
class Moment:
    """Where a run stands when a step begins, with the randomness of that step."""

    images: int  # seen so far
    progress: float  # 0 at the start, 1 at the end
    rng: np.random.Generator  # for drawing faces
    generator: torch.Generator  # for tensors, on the training device


@dataclass
class Objective(ABC):
    """Owns everything that learns. `networks` and `optimizers` are saved and resumed by name."""

    accelerator: Accelerator
    networks: dict[str, nn.Module] = field(default_factory=dict)
    optimizers: dict[str, Optimizer] = field(default_factory=dict)
    averages: dict[str, ExponentialMovingAverage] = field(default_factory=dict)
    faces_read: dict[str, int] = field(default_factory=dict)  # how many of each set it learns from, for the card

    @abstractmethod
    def draw(self, count: int, moment: Moment) -> Any:
        """A batch of `count` faces on the training device."""

    @abstractmethod
    def training_step(self, batch: Any, moment: Moment) -> dict[str, Tensor]:
        """Learn from one batch; the parts of the loss by name."""

    @abstractmethod
    def validate(self) -> dict[str, float]:
        """Figures on the validation cut; `score` decides which checkpoint is best (higher is better)."""

    @abstractmethod
    def published(self) -> PublishedModel:
        """The model as it would be published now."""

    def sample_sheet(self) -> np.ndarray | None:
        """Uncurated results as one picture (H, W) uint8, or None for a method that makes no pictures."""
        return None

    def descend(self, loss: Tensor, name: str, limited: Iterable[nn.Module] = ()) -> None:
        """One optimizer step on `loss`; gradients are averaged over processes.

        The gradients of each module in `limited` are cut to at most unit length.
        """
        optimizer = self.optimizers[name]
        optimizer.zero_grad(set_to_none=True)
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        # A critic that judges here learns in its own step: gradients of its weights would be thrown away.
        self.accelerator.backward(loss, inputs=[parameter for parameter in parameters if parameter.requires_grad])
        self._average_gradients(parameters)
        for part in limited:
            clip_grad_norm_(part.parameters(), 1.0)
        optimizer.step()
        torch.clear_autocast_cache()  # or a step within an autocast block is not seen until the block ends

    def set_learning_rate(self, name: str, rate: float) -> None:
        """Set the learning rate of every parameter group of one optimizer."""
        for group in self.optimizers[name].param_groups:
            group["lr"] = rate

    def _average_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Over all processes; a parameter that one process's batch does not reach has no gradient there alone."""
        if self.accelerator.num_processes == 1:
            return
        reached = torch.tensor([parameter.grad is not None for parameter in parameters], device=self.accelerator.device)
        anywhere = self.accelerator.reduce(reached.float(), reduction="sum").tolist()
        for parameter, processes in zip(parameters, anywhere, strict=True):
            if processes:
                own = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                parameter.grad = self.accelerator.reduce(own, reduction="mean")


def on_device(network: nn.Module, accelerator: Accelerator, order: torch.memory_format) -> None:
    """Move a network to the training device, its convolutions in the memory order they are fastest in."""
    network.to(accelerator.device)
    network.to(memory_format=order)  # type: ignore[call-overload]


def start_from(network: PublishedModel, folder: Path) -> None:
    """Give a network the weights of a published one.

    Raises: SettingsError if that one has another shape.
    """
    initial = load_model(str(folder))
    try:
        network.load_state_dict(initial.state_dict())
    except RuntimeError as error:
        raise SettingsError(
            f"{folder} holds a network of another shape; start from one that this recipe made at this size."
        ) from error


def grown(progress: float, start: float, length: float) -> float:
    """A weight that is 0 until `start`, then grows linearly to 1 within `length`, both shares of the run."""
    return min(1.0, max(0.0, (progress - start) / length)) if length else float(progress >= start)


def cosine_rate(peak: float, progress: float, warm_up: float = 0.03) -> float:
    """Linear warm-up, then half a cosine down to zero."""
    if progress < warm_up:
        return peak * max(progress / warm_up, 0.01)
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
