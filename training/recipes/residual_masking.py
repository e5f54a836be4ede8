"""Training of the small Residual Masking Network on FER2013 labels, FER+ votes and a share of synthetic faces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fer_demo.models.residual_masking import ResidualMasking, ResidualMaskingConfig
from training.data.augmentation import Augmentation
from training.recognition.auxiliary_tasks import AuxiliaryTasks
from training.recognition.batches import Mixing
from training.recognition.objective import RecognitionRecipe


@dataclass(frozen=True)
class ResidualMaskingRecipe(RecognitionRecipe):
    """The settings of the bundled weights; two hours and a quarter on one CPU core."""

    images: int = 800_000
    batch: int = 128  # on 64, Muon spends more on its iterations than on the network
    validate_every: int = 40_000
    model: ResidualMaskingConfig = field(default_factory=ResidualMaskingConfig)
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(turn=30.0))  # the paper's rotation
    mixing: Mixing = field(default_factory=lambda: Mixing(mixup=0.1))
    auxiliary: AuxiliaryTasks = field(default_factory=lambda: AuxiliaryTasks(units_weight=4.0, landmarks_weight=1.0))
    # Differs from the paper: RAdam at 1e-4 over 50 passes starts from ImageNet's weights, and ours from none.
    optimizer: Literal["adamw", "muon"] = "muon"
    rate: float = 2e-3
    start_size: int = 32
    half_life: int = 20_000

    def network(self) -> ResidualMasking:
        return ResidualMasking(self.model)
