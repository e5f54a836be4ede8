"""Figures on the validation cut, for choosing checkpoints; reports come from training/evaluation/commands.py."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from fer_demo.capabilities import RecognizesExpression
from fer_demo.published.model import PublishedModel
from training.data.augmentation import plain_views
from training.data.face_set import FaceSet
from training.engine.ema import evaluating


def recognition_figures(model: PublishedModel, faces: FaceSet, batch: int = 256) -> dict[str, float]:
    """Accuracy, accuracy averaged over the classes, and cross-entropy of a recognizer on labelled faces."""
    assert isinstance(model, RecognizesExpression)
    size = model.config.size
    logits: list[Tensor] = []
    with evaluating(model):
        for crops in faces.crops.split(batch):
            logits.append(model.expression_logits(plain_views(crops, size)).float())
    scores, truth = torch.cat(logits), faces.expression
    correct = (scores.argmax(dim=1) == truth).float()
    per_class = [correct[truth == label].mean() for label in truth.unique()]
    accuracy = float(correct.mean())
    return {
        "score": accuracy,
        "accuracy": accuracy,
        "balanced_accuracy": float(torch.stack(per_class).mean()),
        "cross_entropy": float(cross_entropy(scores, truth)),
    }
