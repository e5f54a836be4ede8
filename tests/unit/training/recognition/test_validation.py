"""What a run is told about a recognizer while it learns."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fer_demo.expressions import BASIC
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from training.data.face_set import FaceSet, crop_side
from training.recognition.validation import recognition_figures


class SaysHappy(ExpressionClassifier):
    """Whatever it is shown."""

    def expression_logits(self, faces: Tensor) -> Tensor:
        return torch.eye(len(BASIC))[BASIC.index("happy")].expand(len(faces), -1)


def test_recall_is_counted_for_each_expression_that_is_there_and_averaged() -> None:
    model = SaysHappy(ExpressionClassifierConfig())
    labels = torch.tensor([BASIC.index(name) for name in ("happy", "happy", "happy", "sad")])
    side = crop_side(model.config.size)
    faces = FaceSet(
        crops=torch.zeros(4, side, side, dtype=torch.uint8),
        expression=labels,
        person=-torch.ones(4, dtype=torch.int64),
        votes=torch.zeros(4, 8),
        units=torch.zeros(4, 52),
        landmarks=torch.zeros(4, 68, 2),
        pose=torch.zeros(4, 2),
        intensity=torch.ones(4),
    )
    figures = recognition_figures(model, faces, batch=3)
    assert figures["score"] == figures["accuracy"] == 0.75
    assert (figures["recall_happy"], figures["recall_sad"]) == (1, 0)
    assert "recall_fear" not in figures
    assert figures["balanced_accuracy"] == pytest.approx(0.5)
