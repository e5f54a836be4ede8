"""Crop sensitivity: one picture cut tight, like FER2013 and wide, and recognized end to end; answers should agree."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from fer_demo.data.records import FaceRecord
from fer_demo.faces.alignment import TEMPLATE, five_points
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import Detector
from fer_demo.images import to_colour, to_tensor
from fer_demo.published.model import PublishedModel
from training.recognition.answers import answers, basic_answers

# Distance between the eyes in widths of the picture; FER2013's median is 0.37.
CROPS = {"tight": 0.45, "like FER2013": 0.37, "wide": 0.18}
LEAST_SIDE = 48  # pixels of a cut picture


class CropAnswers(NamedTuple):
    """Answers to the same faces in every crop."""

    by_crop: dict[str, np.ndarray]  # (N,) indices into BASIC

    @property
    def agreement(self) -> np.ndarray:
        """(N,) whether all crops of a face get the same answer."""
        rows = np.stack(list(self.by_crop.values()))
        return (rows == rows[0]).all(axis=0)


def recropped(picture: np.ndarray, points: np.ndarray, eye_share: float) -> np.ndarray:
    """A square (S, S, 3) around the face with these five points in which the eyes lie `eye_share` of its side apart.

    Beyond the picture's edge it is filled with the picture's mean.
    """
    picture = to_colour(picture)
    side = max(LEAST_SIDE, round(math.dist(points[0], points[1]) / eye_share))
    middle = points.mean(axis=0) + (0.5 - TEMPLATE.mean(axis=0)) * math.dist(points[0], points[1]) / 0.34
    left, top = (round(float(value) - side / 2) for value in middle)
    square = np.broadcast_to(picture.mean(axis=(0, 1)).astype(np.uint8), (side, side, 3)).copy()
    height, width = picture.shape[:2]
    top_in, left_in, bottom_in, right_in = max(top, 0), max(left, 0), min(top + side, height), min(left + side, width)
    square[top_in - top : bottom_in - top, left_in - left : right_in - left] = picture[
        top_in:bottom_in, left_in:right_in
    ]
    return square


def answers_by_crop(model: PublishedModel, records: Iterable[FaceRecord], detector: Detector) -> CropAnswers:
    """Find, align and recognize every crop of every face, each with its mirror image."""
    cut: dict[str, list[np.ndarray]] = {name: [] for name in CROPS}
    for record in records:
        assert record.landmarks is not None
        points = five_points(record.landmarks)
        for name, eye_share in CROPS.items():
            square = recropped(record.image, points, eye_share)
            cut[name].append(crop_or_whole(square, detector).pixels(model.config.size))
    return CropAnswers(
        {
            name: basic_answers(model, answers(model, to_tensor(np.stack(pixels), model.config.channels)).mirrored)
            for name, pixels in cut.items()
        }
    )
