"""Training of the judge: another network, seed and validation cut than the recognizer's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from fer_demo.models.expression_judge import ExpressionJudge, ExpressionJudgeConfig
from fer_demo.published.differences import Difference
from training.data.augmentation import Augmentation
from training.recognition.auxiliary_tasks import AuxiliaryTasks
from training.recognition.batches import Mixing
from training.recognition.objective import RecognitionRecipe

# The block alone is that of a paper (Liu et al. 2022); network and training are our own.
DIFFERENCES = (
    Difference("block", "7 × 7 filters, layer norm, GELU", "3 × 3 filters, batch norm, ReLU, which a CPU is faster at"),
    Difference("size", "224 × 224 pixels, in colour", "48 × 48 pixels, in grey"),
    Difference(
        "data", "ImageNet", "FER2013 Training without the pictures that also occur in PublicTest, FER+, rendered faces"
    ),
    Difference("alignment", "none", "faces aligned to a template by eyes, nose and mouth"),
    Difference("selection", "not comparable", "the checkpoint with the best score on a tenth of FER2013 Training"),
)


@dataclass(frozen=True)
class ExpressionJudgeRecipe(RecognitionRecipe):
    """Defaults fit one CPU core for an hour and a half; no LFW, whose people it will see edited."""

    images: int = 1_200_000
    seed: int = 101
    fold: int = 1
    model: ExpressionJudgeConfig = field(default_factory=ExpressionJudgeConfig)
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(side_light=0.2, grain=0.05))
    mixing: Mixing = field(default_factory=lambda: Mixing(mixup=0.1))
    auxiliary: AuxiliaryTasks = field(default_factory=lambda: AuxiliaryTasks(units_weight=4.0))
    rate: float = 2e-3
    start_size: int = 32
    half_life: int = 20_000
    differences: ClassVar[tuple[Difference, ...]] = DIFFERENCES

    def network(self) -> ExpressionJudge:
        return ExpressionJudge(self.model)
