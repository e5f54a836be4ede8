"""Selective feature sharing: recognition and synthesis learn together, then painted faces balance recognition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fer_demo.models.selective_feature_sharing import SelectiveFeatureSharingConfig
from fer_demo.published.differences import Difference
from training.engine.recipe import Recipe
from training.engine.run_folder import BEST_FOLDER
from training.engine.stages import StagedRecipe
from training.feature_sharing.balancing_stage import BalancingRecipe
from training.feature_sharing.joint_stage import JointRecipe

DIFFERENCES = (
    Difference("size", "96 × 96 pixels, in grey (authors' code)", "64 × 64 pixels, in grey"),
    Difference(
        "networks",
        "256 channels in every layer, two convolutions and a pool for each of four levels",
        "64, 128 and 256 channels, one residual block with stride 2 for each of three levels",
    ),
    Difference(
        "units",
        "3 × 3 convolutions; all levels share one unit for each direction",
        "1 × 1 convolutions, a unit for each direction at each level",
    ),
    Difference(
        "synthesis",
        "the whole face from the last level alone",
        "the change of the face, with skips from every level, which is added to the face",
    ),
    Difference(
        "critic",
        "patches real or painted, with instance norm",
        "patches and an expression, with layer norms, held to a slope of 1 (StarGAN)",
    ),
    Difference("loss", "its weights are not in the authors' code", "StarGAN's weights, and 1 for labels and votes"),
    Difference(
        "balancing",
        "painted faces enlarge and balance the training set",
        "a second stage: painted faces of a frozen copy, weighted by how many each expression lacks",
    ),
    Difference(
        "data",
        "CK+, Oulu-CASIA and MMI, with their labels",
        "FER2013 Training without the pictures that also occur in PublicTest: labels, and votes of FER+",
    ),
    Difference(
        "alignment",
        "not stated",
        "faces aligned to a template by eyes, nose and mouth",
    ),
    Difference(
        "selection and test",
        "cross-validation by person",
        "the checkpoint with the best score on a tenth of Training; tested on PublicTest",
    ),
)


@dataclass(frozen=True)
class SelectiveFeatureSharingTraining(StagedRecipe):
    """Two stages: `joint`, both networks and a critic, and `balancing`, which adds painted faces to recognition."""

    sharing: Literal["none", "full", "selective"] = "selective"  # between the two networks
    synthetic_weight: float = 0.4  # of painted faces in the second stage; 0: it goes on without them

    @property
    def differences(self) -> tuple[Difference, ...]:
        return DIFFERENCES

    def stages(self, run: Path) -> dict[str, Recipe]:
        model = SelectiveFeatureSharingConfig(sharing=self.sharing)
        return {
            "joint": JointRecipe(model=model, initial=self.initial),
            "balancing": BalancingRecipe(
                model=model, initial=run / "joint" / BEST_FOLDER, synthetic_weight=self.synthetic_weight
            ),
        }
