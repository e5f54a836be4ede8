"""Recognizers that judge edited faces while the expression encoder is trained."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from fer_demo.capabilities import RecognizesExpression
from fer_demo.errors import SettingsError
from fer_demo.published.model import PublishedModel
from training.losses.vote_divergence import vote_divergence
from training.recognition.answers import basic_order
from training.recognition.teachers import load_teacher


class EditTeachers:
    """Frozen recognizers; gradients pass through them to the faces."""

    def __init__(self, folders: Iterable[Path], device: torch.device) -> None:
        """Raises: SettingsError for the judge and for a model that does not recognize expressions."""
        self.models = [_recognizer(folder).to(device) for folder in folders]
        if not self.models:
            raise SettingsError("The agreement loss needs at least one teacher; without any, set --agreement-weight 0.")

    def log_shares(self, faces: Float[Tensor, "batch 1 size size"]) -> Float[Tensor, "batch 7"]:
        """The teachers' mean log-probabilities of the expressions of BASIC; each sees the faces at its own size."""
        return self._logits(faces).log_softmax(dim=2).mean(dim=0)

    def error(self, faces: Float[Tensor, "batch 1 size size"], shares: Float[Tensor, "batch 7"]) -> Float[Tensor, ""]:
        """Cross-entropy of the teachers' answers to the shares of each expression; rows of zeros do not count."""
        return vote_divergence(self._logits(faces).flatten(0, 1), shares.repeat(len(self.models), 1))

    def _logits(self, faces: Tensor) -> Float[Tensor, "teachers batch 7"]:
        logits = []
        for model in self.models:
            assert isinstance(model, RecognizesExpression)
            size = model.config.size
            resized = interpolate(faces, (size, size), mode="bilinear", antialias=True)
            logits.append(model.expression_logits(resized)[:, basic_order(model)].float())
        return torch.stack(logits)


def _recognizer(folder: Path) -> PublishedModel:
    model = load_teacher(folder)
    if not isinstance(model, RecognizesExpression):
        raise SettingsError(f"A {type(model).__name__} does not recognize expressions; choose other teachers.")
    return model
