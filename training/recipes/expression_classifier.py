"""Training of the compact recognizer on FER2013 labels, FER+ votes and a share of synthetic faces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor, nn

from fer_demo.checkpoints import load_model
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from training.recognition_objective import RecognitionRecipe


@dataclass(frozen=True)
class ExpressionClassifierRecipe(RecognitionRecipe):
    """Defaults fit two CPU cores."""

    images: int = 600_000
    model: ExpressionClassifierConfig = field(default_factory=ExpressionClassifierConfig)
    rate: float = 2e-3  # peak of a cosine, AdamW
    initial: Path | None = None  # folder of a published model to start from; None: random weights

    def network(self) -> ExpressionClassifier:
        network = ExpressionClassifier(self.model)
        if self.initial is not None:
            network.load_state_dict(load_model(str(self.initial)).state_dict())
        return network

    def learning(self, network: nn.Module) -> Iterable[nn.Parameter]:
        return network.parameters()

    def logits(self, network: nn.Module, views: Tensor) -> tuple[Tensor, Tensor]:
        basic, votes = network(views)
        return basic, votes
