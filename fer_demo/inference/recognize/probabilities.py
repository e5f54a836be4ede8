"""Recognition: what ten people would say of face crops, or the probability of each label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.capabilities import RecognizesVotes
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.preparation import as_recognizer, face_batches, face_tensor
from fer_demo.published.calibration import Calibration
from fer_demo.published.model import PublishedModel

# What is asked of a model: the shares of people who would name each expression, or the label that FER2013 would give.
Answer = Literal["votes", "label"]
VOTES: Answer = "votes"
LABEL: Answer = "label"


@dataclass(frozen=True, eq=False)
class Recognition:
    """The answer for one face: a share or a probability for each expression, in the order of its head."""

    expressions: tuple[str, ...]
    probabilities: np.ndarray  # (K,) float32, sums to 1; calibrated if the model is
    calibration: Calibration | None = None  # of the head; None if it was never held to its probabilities
    answer: Answer = LABEL  # which head it is from

    @property
    def top(self) -> str:
        """The one name of the face: the most probable expression, of votes without what people say by habit."""
        if self.calibration is None:
            return self.expressions[int(self.probabilities.argmax())]
        return self.expressions[self.calibration.named(self.probabilities)]

    def prediction_set(self, coverage: float) -> tuple[str, ...]:
        """The expressions that hold the right one this often, most probable first; none without a calibration.

        Raises: CheckpointError if the calibration has no such coverage.
        """
        if self.calibration is None:
            return ()
        chosen = self.calibration.prediction_set(self.probabilities, coverage)
        return tuple(self.expressions[index] for index in chosen)


def answers_of(model: PublishedModel) -> tuple[Answer, ...]:
    """What a model can answer, its main answer first."""
    return (VOTES, LABEL) if isinstance(model, RecognizesVotes) else (LABEL,)


def recognize(
    model: PublishedModel, crops: Sequence[FaceCrop], mirror: bool = True, answer: Answer = LABEL
) -> tuple[Recognition, ...]:
    """The expressions of face crops; a model that knows no votes answers with its label.

    `mirror` averages the logits of each face with those of its mirror image.
    """
    return _recognize_batches(model, face_batches(model, crops), mirror, answer)


def recognize_aligned(model: PublishedModel, faces: np.ndarray, mirror: bool = True) -> tuple[Recognition, ...]:
    """The labels of pictures that are aligned already, uint8 (N, H, W) or (N, H, W, 3)."""
    return _recognize_batches(model, [face_tensor(model, faces)], mirror, LABEL)


def logits_of(
    model: PublishedModel, answer: Answer
) -> tuple[Answer, tuple[str, ...], Callable[[Float[Tensor, "batch channels size size"]], Tensor]]:
    """Which answer a model gives when it is asked for this one, the order of its logits, and what computes them.

    Raises: CheckpointError if the model recognizes no expressions.
    """
    recognizer = as_recognizer(model)
    if answer == VOTES and isinstance(model, RecognizesVotes):
        return VOTES, WITH_CONTEMPT, model.vote_logits
    return LABEL, model.config.expressions, recognizer.expression_logits


def basic_probabilities(recognition: Recognition) -> np.ndarray:
    """(7,) float32 over the basic expressions alone, summing to 1; what the model does not know has 0."""
    return numbers_in_order(recognition, BASIC)


def numbers_in_order(recognition: Recognition, expressions: Sequence[str]) -> np.ndarray:
    """(K,) float32 of these expressions alone, summing to 1; what the answer does not know has 0."""
    known = dict(zip(recognition.expressions, recognition.probabilities, strict=True))
    numbers = np.array([known.get(name, 0.0) for name in expressions], dtype=np.float32)
    total = numbers.sum()
    return numbers / total if total > 0 else np.full(len(expressions), 1 / len(expressions), dtype=np.float32)


@torch.inference_mode()
def _recognize_batches(
    model: PublishedModel,
    batches: Iterable[Float[Tensor, "batch channels size size"]],
    mirror: bool,
    asked: Answer,
) -> tuple[Recognition, ...]:
    given, expressions, logits_of_views = logits_of(model, asked)
    calibration = model.calibration
    if given == VOTES and calibration is not None:
        calibration = calibration.votes
    answers: list[Recognition] = []
    for faces in batches:
        views = torch.cat([faces, faces.flip(3)]) if mirror else faces  # one face and its image: 10 ms, apart 16
        logits = logits_of_views(views).unflatten(0, (-1, len(faces))).mean(dim=0)
        if calibration is None:
            rows = logits.float().softmax(dim=1).cpu().numpy()
        else:
            rows = calibration.probabilities(logits.float().cpu().numpy())
        answers += [Recognition(expressions, row, calibration, given) for row in rows]
    return tuple(answers)
