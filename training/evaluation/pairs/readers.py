"""Who says which expression a picture shows: two judges that teach no editor, and the editor's own head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int

from fer_demo.capabilities import RecognizesExpression
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import FaceCrop, crop_or_whole
from fer_demo.faces.detection import Detector
from fer_demo.inference.landmarks import look_again
from fer_demo.inference.preparation import face_batches
from fer_demo.inference.recognize.probabilities import basic_probabilities, recognize
from fer_demo.models.landmark_editor import LandmarkEditor
from fer_demo.published.model import PublishedModel
from training.evaluation.pairs.data import Case, Photo
from training.evaluation.pairs.scores import Measured
from training.evaluation.pairs.shape_judge import REST, ShapeJudge, departure


@dataclass(frozen=True)
class Readers:
    """They see what the app sees: the face is found anew in the photo and cropped from it."""

    judge: PublishedModel  # a recognizer
    shapes: ShapeJudge
    editor: PublishedModel
    landmarker: PublishedModel
    detector: Detector

    def read(self, cases: Sequence[Case], photos: Sequence[np.ndarray]) -> Measured:
        """Whether each reads the edited photos as the expression that was asked for; NaN for one outside BASIC."""
        found = look_again(self.landmarker, photos, np.stack([case.source.landmarks for case in cases]))
        return self._read(cases, [crop_or_whole(photo, self.detector) for photo in photos], found)

    def read_truth(self, cases: Sequence[Case]) -> Measured:
        """The same of the true pictures: more cannot be expected of an edit."""
        truth = [case.truth for case in cases]
        return self._read(cases, [photo.crop for photo in truth], np.stack([photo.landmarks for photo in truth]))

    def _read(self, cases: Sequence[Case], crops: Sequence[FaceCrop], landmarks: np.ndarray) -> Measured:
        asked = np.array([_index(case.truth.expression) for case in cases])
        rest = [_at_rest(case).landmarks for case in cases]
        moved = np.stack([departure(*pair) for pair in zip(landmarks, rest, strict=True)])
        answers = {"judge": recognized(self.judge, crops), "shapes": self.shapes.read(moved)}
        own = own_answers(self.editor, crops)
        if own is not None:
            answers["teacher"] = own
        read = {name: np.where(asked < 0, np.nan, answer == asked) for name, answer in answers.items()}
        if own is not None:
            read["gap"] = read["teacher"] - (read["judge"] + read["shapes"]) / 2
        return read


def recognized(model: PublishedModel, crops: Sequence[FaceCrop]) -> Int[np.ndarray, " crops"]:
    """A recognizer's answers as in the app, as indices into BASIC."""
    return np.array([basic_probabilities(answer).argmax() for answer in recognize(model, crops)])


@torch.inference_mode()
def own_answers(editor: PublishedModel, crops: Sequence[FaceCrop]) -> Int[np.ndarray, " crops"] | None:
    """What the editor itself says that faces show, as indices into BASIC; None without a head that says so."""
    if isinstance(editor, LandmarkEditor):
        heads = [editor.driver.choice(editor.expression_code(faces)) for faces in face_batches(editor, crops)]
        return torch.cat(heads).argmax(dim=1).cpu().numpy()
    return recognized(editor, crops) if isinstance(editor, RecognizesExpression) else None


def _index(expression: str) -> int:
    return BASIC.index(expression) if expression in BASIC else -1


def _at_rest(case: Case) -> Photo:
    """The person's neutral picture: where they start from, or where they should go."""
    return case.source if case.source.expression == REST else case.truth
