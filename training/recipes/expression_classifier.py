"""Training of the compact recognizer: FER2013 labels, FER+ votes, facial units, and a share of synthetic faces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from training.data.augmentation import Augmentation
from training.recognition.auxiliary_tasks import AuxiliaryTasks
from training.recognition.batches import Mixing
from training.recognition.objective import RecognitionRecipe


@dataclass(frozen=True)
class ExpressionClassifierRecipe(RecognitionRecipe):
    """The first of the two runs behind the bundled weights; two hours and a half on one CPU core."""

    images: int = 1_400_000
    validate_every: int = 50_000
    model: ExpressionClassifierConfig = field(default_factory=ExpressionClassifierConfig)
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(erase=0.35, side_light=0.3, grain=0.08))
    mixing: Mixing = field(default_factory=lambda: Mixing(mixup=0.15, cutmix=0.1))
    auxiliary: AuxiliaryTasks = field(default_factory=lambda: AuxiliaryTasks(4.0, 1.0, 0.5))
    optimizer: Literal["adamw", "muon"] = "muon"  # 0.692 on PublicTest where AdamW reached 0.664
    rate: float = 2e-3
    unlabelled_share: float = 0.12
    start_size: int = 35
    half_life: int = 20_000

    def network(self) -> ExpressionClassifier:
        return ExpressionClassifier(self.model)
