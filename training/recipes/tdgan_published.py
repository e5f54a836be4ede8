"""TDGAN with the losses and the schedule of the paper, in one stage (Xie et al. 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fer_demo.models.tdgan import TDGANConfig
from training.engine.recipe import Recipe
from training.engine.stages import StagedRecipe
from training.tdgan.painting_stage import TDGANRecipe

DECODERS = {"paper": (512, 256, 128, 64), "small": (192, 96, 48, 32)}  # one number per up-sampling to 128 px


@dataclass(frozen=True)
class TDGANPublishedTraining(StagedRecipe):
    """Everything as in the paper, at 64 px; what differs is in the model and the stage beside its reason."""

    size: Literal[64, 128] = 64  # pixels; 128 in the paper
    decoder: Literal["paper", "small"] = "paper"  # small: as wide as that of the recipe tdgan

    def stages(self, run: Path) -> dict[str, Recipe]:
        channels = DECODERS[self.decoder][: 3 if self.size == 64 else 4]
        model = TDGANConfig(size=self.size, decoder_channels=channels)
        return {"painting": TDGANRecipe(model=model, initial=self.initial)}
