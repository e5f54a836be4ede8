"""Figures on the validation cut, for choosing checkpoints; reports come from training/evaluation/commands.py."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from fer_demo.capabilities import RecognizesExpression
from fer_demo.expressions import BASIC
from fer_demo.published.model import PublishedModel
from training.data.augmentation import plain_views
from training.data.face_set import FaceSet
from training.engine.ema import evaluating


def recognition_figures(model: PublishedModel, faces: FaceSet, batch: int = 256) -> dict[str, float]:
    """Accuracy, recall of each expression that is there and their mean, and cross-entropy on labelled faces."""
    assert isinstance(model, RecognizesExpression)
    size = model.config.size
    logits: list[Tensor] = []
    with evaluating(model):
        for crops in faces.crops.split(batch):
            logits.append(model.expression_logits(plain_views(crops, size)).float())
    scores, truth = torch.cat(logits), faces.expression
    correct = (scores.argmax(dim=1) == truth).float()
    recalls = {BASIC[label]: float(correct[truth == label].mean()) for label in truth.unique().tolist()}
    accuracy = float(correct.mean())
    return {
        "score": accuracy,
        "accuracy": accuracy,
        "balanced_accuracy": sum(recalls.values()) / len(recalls),
        "cross_entropy": float(cross_entropy(scores, truth)),
        **{f"recall_{name}": recall for name, recall in recalls.items()},
    }
