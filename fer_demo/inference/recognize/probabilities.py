"""Recognition: the probability of every expression, for face crops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import as_recognizer, face_batches, face_tensor
from fer_demo.published.calibration import Calibration
from fer_demo.published.model import PublishedModel


@dataclass(frozen=True, eq=False)
class Recognition:
    """The answer for one face: a probability for each of the model's own expressions, in its order."""

    expressions: tuple[str, ...]
    probabilities: np.ndarray  # (K,) float32, sums to 1; calibrated if the model is
    calibration: Calibration | None = None  # of the model; None if it was never held to its probabilities

    @property
    def top(self) -> str:
        """The most probable expression."""
        return self.expressions[int(self.probabilities.argmax())]

    def prediction_set(self, coverage: float) -> tuple[str, ...]:
        """The expressions that hold the right one this often, most probable first; none without a calibration.

        Raises: CheckpointError if the calibration has no such coverage.
        """
        if self.calibration is None:
            return ()
        chosen = self.calibration.prediction_set(self.probabilities, coverage)
        return tuple(self.expressions[index] for index in chosen)


def recognize(model: PublishedModel, crops: Sequence[FaceCrop], mirror: bool = True) -> tuple[Recognition, ...]:
    """The expressions of face crops; `mirror` averages the logits of each with those of its mirror image."""
    return _recognize_batches(model, face_batches(model, crops), mirror)


def recognize_aligned(model: PublishedModel, faces: np.ndarray, mirror: bool = True) -> tuple[Recognition, ...]:
    """The expressions of pictures that are aligned already, uint8 (N, H, W) or (N, H, W, 3)."""
    return _recognize_batches(model, [face_tensor(model, faces)], mirror)


def basic_probabilities(recognition: Recognition) -> np.ndarray:
    """(7,) float32 over the basic expressions alone, summing to 1; what the model does not know has 0."""
    known = dict(zip(recognition.expressions, recognition.probabilities, strict=True))
    basic = np.array([known.get(name, 0.0) for name in BASIC], dtype=np.float32)
    total = basic.sum()
    return basic / total if total > 0 else np.full(len(BASIC), 1 / len(BASIC), dtype=np.float32)


@torch.inference_mode()
def _recognize_batches(
    model: PublishedModel, batches: Iterable[Float[Tensor, "batch channels size size"]], mirror: bool
) -> tuple[Recognition, ...]:
    recognizer, calibration = as_recognizer(model), model.calibration
    answers: list[Recognition] = []
    for faces in batches:
        views = torch.cat([faces, faces.flip(3)]) if mirror else faces  # one face and its image: 10 ms, apart 16
        logits = recognizer.expression_logits(views).unflatten(0, (-1, len(faces))).mean(dim=0)
        if calibration is None:
            rows = logits.float().softmax(dim=1).cpu().numpy()
        else:
            rows = calibration.probabilities(logits.float().cpu().numpy())
        answers += [Recognition(model.config.expressions, row, calibration) for row in rows]
    return tuple(answers)
