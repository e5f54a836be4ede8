"""TDGAN with the losses and the schedule of the paper, in one stage (Xie et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fer_demo.models.tdgan import TDGANConfig
from fer_demo.published.differences import Difference
from training.engine.recipe import Recipe
from training.engine.stages import StagedRecipe
from training.tdgan.painting_stage import TDGANRecipe
from training.tdgan.paper import SELECTION_IN_PAPER, SETUP_DIFFERENCES

# Channels of the decoder, one number per up-sampling to 128 px, and units of the hidden layers that read codes.
NETWORKS = {"paper": ((512, 256, 128, 64), 1024), "small": ((192, 96, 48, 32), 128)}

DIFFERENCES = (
    *SETUP_DIFFERENCES,
    Difference(
        "selection and test",
        SELECTION_IN_PAPER,
        "the checkpoint with the best accuracy on a tenth of FER2013 Training; tested on PublicTest and on people of "
        "LFW who are kept out of training",
    ),
    Difference(
        "people",
        "20 of CASIA-WebFace, 2,894 pictures",
        "the 20 of LFW with most pictures, none of whom is kept for the evaluation",
    ),
    Difference(
        "augmentation",
        "expression pictures: random crops of 8/9 of the side, which are zoomed while test pictures are not; mirrored",
        "shifts as large as those of the crops, without zoom, of people's pictures as well; mirrored",
    ),
)


@dataclass(frozen=True)
class TDGANPublishedTraining(StagedRecipe):
    """Everything as in the paper but for DIFFERENCES."""

    size: Literal[64, 128] = 64  # pixels; 128 in the paper
    networks: Literal["paper", "small"] = "paper"  # small: fit for two cores and a bundle

    @property
    def differences(self) -> tuple[Difference, ...]:
        return DIFFERENCES

    def stages(self, run: Path) -> dict[str, Recipe]:
        channels, units = NETWORKS[self.networks]
        model = TDGANConfig(size=self.size, decoder_channels=channels[: 3 if self.size == 64 else 4], head_units=units)
        return {"painting": TDGANRecipe(model=model, initial=self.initial)}
