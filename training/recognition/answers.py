"""A recognizer's logits for many aligned faces, alone and averaged with their mirror images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fer_demo.capabilities import RecognizesExpression, RecognizesVotes
from fer_demo.expressions import BASIC
from fer_demo.published.model import PublishedModel

BATCH = 32  # on a CPU twice as quick a face as 128: the maps stay in its cache


@dataclass(frozen=True, eq=False)
class Answers:
    """Logits in the model's own order."""

    single: np.ndarray  # (N, K) float32, of the faces as they are
    mirrored: np.ndarray  # (N, K) float32, mean of a face and its mirror image: what the app goes by


def answers(model: PublishedModel, faces: Tensor) -> Answers:
    """The logits of faces in [-1, 1] at the model's size."""
    single = single_logits(model, faces)
    return Answers(single, (single + single_logits(model, faces.flip(-1))) / 2)


def vote_logits(model: PublishedModel, faces: Tensor) -> np.ndarray | None:
    """(N, 8) float32 in the order of WITH_CONTEMPT, mean of face and mirror image; None without such a head."""
    if not isinstance(model, RecognizesVotes):
        return None
    with torch.inference_mode():
        parts = [(model.vote_logits(part) + model.vote_logits(part.flip(-1))) / 2 for part in faces.split(BATCH)]
        return _joined(parts)


def single_logits(model: PublishedModel, faces: Tensor) -> np.ndarray:
    """(N, K) float32 logits of faces in [-1, 1], without their mirror images."""
    assert isinstance(model, RecognizesExpression)
    with torch.inference_mode():
        return _joined([model.expression_logits(part) for part in faces.split(BATCH)])


def basic_answers(model: PublishedModel, logits: np.ndarray) -> np.ndarray:
    """(N,) the most likely of the basic expressions, as indices into BASIC."""
    return logits[:, basic_order(model)].argmax(axis=1)


def basic_order(model: PublishedModel) -> list[int]:
    """Where the expressions of BASIC stand among a recognizer's own."""
    return [model.config.expressions.index(name) for name in BASIC]


def _joined(parts: list[Tensor]) -> np.ndarray:
    return torch.cat(parts).float().cpu().numpy()
