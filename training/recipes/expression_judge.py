"""Training of the judge: another network, seed and validation cut than the recognizer's."""

from __future__ import annotations

from dataclasses import dataclass, field

from fer_demo.models.expression_judge import ExpressionJudge, ExpressionJudgeConfig
from training.data.augmentation import Augmentation
from training.recognition.auxiliary_tasks import AuxiliaryTasks
from training.recognition.batches import Mixing
from training.recognition.objective import RecognitionRecipe


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

    def network(self) -> ExpressionJudge:
        return ExpressionJudge(self.model)
