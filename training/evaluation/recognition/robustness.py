"""Robustness: accuracy under degradations of the picture, and crop sensitivity."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from fer_demo.data.loading import load_lfw
from fer_demo.data.sources import FaceSource
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import Detector
from fer_demo.published.model import PublishedModel
from training.data.augmentation import plain_views
from training.data.face_set import FaceSet
from training.evaluation.recognition.crop_sensitivity import answers_by_crop
from training.evaluation.recognition.degradations import CURVES
from training.evaluation.record import Figure
from training.recognition.answers import basic_answers, single_logits

CURVE_FACES = 400  # the first of the test faces

Row = tuple[str, str, float, int]  # degradation, level, accuracy, faces


class Robustness(NamedTuple):
    """A table for the evaluation file, and single figures."""

    rows: list[Row]
    figures: list[Figure]


def curves(model: PublishedModel, faces: FaceSet) -> list[Row]:
    """Accuracy of single crops, untouched and after every degradation."""
    part = faces.select(torch.arange(min(CURVE_FACES, len(faces))))
    truth = part.expression.numpy()

    def accuracy(crops: torch.Tensor) -> float:
        logits = single_logits(model, plain_views(crops, model.config.size))
        return float((basic_answers(model, logits) == truth).mean())

    rows = [("untouched", "", accuracy(part.crops), len(part))]
    for name, levels in CURVES.items():
        for level, spoil in levels.items():
            spoiled = torch.from_numpy(np.stack([spoil(crop) for crop in part.crops.numpy()]))
            rows.append((name, level, accuracy(spoiled), len(part)))
    return rows


def crop_sensitivity(
    model: PublishedModel, synthetic: FaceSource, data: Path, detector: Detector, most: int
) -> Robustness:
    """Accuracy by crop on synthetic faces, and how often all crops of a face get the same answer, on these and on LFW.

    At most `most` faces of either, evenly spread.
    """
    synthetic = _spread(synthetic, most)
    truth = np.array([BASIC.index(name) for name in synthetic.column("expression")])
    rendered = answers_by_crop(model, synthetic, detector)
    rows = [
        ("framing, end to end", name, float((answers == truth).mean()), len(truth))
        for name, answers in rendered.by_crop.items()
    ]
    name = "one answer in tight, FER2013-like and wide framing"
    figures = [Figure(name, float(rendered.agreement.mean()), "bundled synthetic faces", len(synthetic))]
    if (data / "lfw").is_dir():  # a researcher's own data may come without it
        photos = _spread(load_lfw(data), most)
        found = answers_by_crop(model, photos, detector)
        figures.append(Figure(name, float(found.agreement.mean()), "LFW", len(photos)))
    return Robustness(rows, figures)


def _spread(source: FaceSource, most: int) -> FaceSource:
    """At most `most` records, evenly spread."""
    return source.select(np.unique(np.linspace(0, len(source) - 1, min(most, len(source))).round().astype(int)))
