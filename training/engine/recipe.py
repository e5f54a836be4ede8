"""Settings that every stage of a training has, and what it is asked to build."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from accelerate import Accelerator

from fer_demo.errors import SettingsError
from training.engine.objective import Objective


@dataclass(frozen=True)
class Recipe(ABC):
    """One stage of a method's training, as frozen settings; lengths are counted in images."""

    images: int = 500_000  # length of the run
    batch: int = 128  # images per step, over all processes
    validate_every: int = 25_000
    rate: float = 1e-3  # learning rate, of most recipes the peak of a cosine
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.images, self.batch, self.validate_every) < 1:
            raise SettingsError("Images, batch and the images between two validations must be at least 1.")

    def check_data(self, data: Path | None) -> None:  # noqa: B027 most stages have nothing to look at
        """Whether what this stage reads is there, as far as a glance tells: before hours of the stages before it.

        Raises: SettingsError or DataError if it is not.
        """

    @abstractmethod
    def build(self, data: Path | None, accelerator: Accelerator) -> Objective:
        """The objective, with its faces loaded from `data` (fer2013/, lfw/, synthetic/) or None for the bundled set."""
