"""How well a model names expressions: on FER2013 PublicTest, end to end with our detector, and on synthetic faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score, f1_score
from torch import Tensor

from fer_demo.capabilities import RecognizesExpression
from fer_demo.data.loading import load_bundled, load_fer2013
from fer_demo.data.sources import FaceSource
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.images import to_tensor
from fer_demo.published_model import PublishedModel
from training.augmentation import plain_views
from training.face_set import build_face_set
from training.model_card import Figure
from training.training_faces import legible

PUBLIC_TEST = "FER2013 PublicTest, exact rows"
BOOTSTRAP_DRAWS = 2000


def recognition_report(model: PublishedModel, data: Path, seed: int) -> list[Figure]:
    """Accuracy with a 95 % bootstrap interval, macro-F1 and balanced accuracy; the seven basic expressions."""
    source = load_fer2013(data, "public_test")
    truth = np.array([BASIC.index(name) for name in source.column("expression")])
    views = plain_views(build_face_set(source, model.config.size).crops, model.config.size)
    answers = _answers(model, views)
    correct = answers == truth
    mirrored = _answers(model, views, mirror=True) == truth
    low, high = bootstrap_interval(correct, seed)
    count = len(truth)
    fresh = ~np.array(source.column("in_other_split"), dtype=bool)
    whole = _answers(model, _detected(source, model), mirror=True) == truth
    faces = legible(build_face_set(load_bundled(), model.config.size))
    synthetic = _answers(model, plain_views(faces.crops, model.config.size)) == faces.expression.numpy()
    return [
        Figure("accuracy", float(correct.mean()), PUBLIC_TEST, count),
        Figure("accuracy, lower end of the 95 % interval", low, PUBLIC_TEST, count),
        Figure("accuracy, upper end of the 95 % interval", high, PUBLIC_TEST, count),
        Figure("balanced accuracy", float(balanced_accuracy_score(truth, answers)), PUBLIC_TEST, count),
        Figure("macro-F1", float(f1_score(truth, answers, average="macro")), PUBLIC_TEST, count),
        Figure("accuracy", float(correct[fresh].mean()), f"{PUBLIC_TEST} that Training lacks", int(fresh.sum())),
        Figure("accuracy, mean of the face and its mirror image", float(mirrored.mean()), PUBLIC_TEST, count),
        Figure("accuracy as in the app: our detector, mirror image", float(whole.mean()), PUBLIC_TEST, count),
        Figure("accuracy", float(synthetic.mean()), "bundled synthetic faces, clear expressions", len(faces)),
    ]


def bootstrap_interval(correct: np.ndarray, seed: int, draws: int = BOOTSTRAP_DRAWS) -> tuple[float, float]:
    """The 2.5 % and 97.5 % quantiles of the mean under resampling with replacement (Efron 1979)."""
    rng = np.random.default_rng(seed)
    means = rng.binomial(len(correct), correct.mean(), size=draws) / len(correct)  # the same as drawing rows
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def _answers(model: PublishedModel, faces: Tensor, mirror: bool = False) -> np.ndarray:
    """Indices into BASIC; with `mirror`, of the mean probability over each face and its mirror image."""
    assert isinstance(model, RecognizesExpression)
    order = [model.config.expressions.index(name) for name in BASIC]
    answers = []
    for part in faces.split(256):
        probabilities = model.expression_logits(part)[:, order].softmax(dim=1)
        if mirror:
            probabilities = probabilities + model.expression_logits(part.flip(-1))[:, order].softmax(dim=1)
        answers.append(probabilities.argmax(dim=1))
    return torch.cat(answers).numpy()


def _detected(source: FaceSource, model: PublishedModel) -> Tensor:
    """The crops as the app would cut them: aligned by our detector, the whole picture where it finds no face."""
    detector = RetinaFaceDetector()
    crops = [crop_or_whole(record.image, detector).pixels(model.config.size) for record in source]
    return to_tensor(np.stack(crops), model.config.channels)
