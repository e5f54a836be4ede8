"""Training of the small Residual Masking Network on FER2013 labels, FER+ votes and a share of synthetic faces."""

from __future__ import annotations

from dataclasses import dataclass, field

from fer_demo.models.residual_masking import ResidualMasking, ResidualMaskingConfig
from training.data.augmentation import Augmentation
from training.recognition.auxiliary_tasks import AuxiliaryTasks
from training.recognition.objective import RecognitionRecipe


@dataclass(frozen=True)
class ResidualMaskingRecipe(RecognitionRecipe):
    """Defaults fit one CPU core for three hours."""

    images: int = 1_000_000
    batch: int = 64
    model: ResidualMaskingConfig = field(default_factory=ResidualMaskingConfig)
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(turn=30.0))  # the paper's rotation
    auxiliary: AuxiliaryTasks = field(default_factory=lambda: AuxiliaryTasks(units_weight=4.0, landmarks_weight=1.0))
    # Differs from the paper: RAdam at 1e-4 over 50 passes starts from ImageNet's weights, and ours from none.
    rate: float = 1e-3
    half_life: int = 20_000

    def network(self) -> ResidualMasking:
        return ResidualMasking(self.model)
