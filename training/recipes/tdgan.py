"""TDGAN as we train it: its expression branch learns to recognize first, then the rest learns to paint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from fer_demo.models.tdgan import TDGANConfig
from training.data.augmentation import Augmentation
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER
from training.engine.stages import StagedRecipe
from training.tdgan.branch_stage import ExpressionBranchRecipe
from training.tdgan.painting_stage import TDGANRecipe

MODELS = {
    64: TDGANConfig(noise_channels=0, decoder_channels=(192, 96, 48)),
    128: TDGANConfig(size=128, noise_channels=0, decoder_channels=(192, 96, 48, 32)),
}
REPAIRED = TDGANRecipe(
    images=150_000,
    model=MODELS[64],
    augmentation=Augmentation(zoom=0.08, turn=8.0, shift=0.04, contrast=0.3, brightness=0.2, gamma=0.25, erase=0.0),
    rate=4e-4,
    persons=100_000,  # everybody: LFW's 5,719 persons and the synthetic ones
    cross_entropy_weight=0.5,
    pairing="random",
    noise="constant",
    balanced=True,
    half_life=5_000,
    synthetic_share=0.4,
    reconstruction_weight=1.0,
    counterfactual_weight=1.0,
    discriminators_from=0.75,
    decay=True,
)


@dataclass(frozen=True)
class TDGANTraining(StagedRecipe):
    """Two stages: `branch`, the expression encoder and its head, and `painting`, which leaves them as they are."""

    size: Literal[64, 128] = 64  # pixels
    discriminators_from: float = REPAIRED.discriminators_from  # share of the painting after which they judge; 1: never
    synthetic_share: float = REPAIRED.synthetic_share  # of every batch of the painting: rendered people

    def stages(self, run: Path) -> dict[str, Recipe]:
        model = MODELS[self.size]
        return {
            "branch": ExpressionBranchRecipe(model=model, initial=self.initial),
            "painting": replace(
                REPAIRED,
                model=model,
                initial=self.initial,
                expression_branch=run / "branch" / BEST_FOLDER,
                discriminators_from=self.discriminators_from,
                synthetic_share=self.synthetic_share,
            ),
        }
