"""A judge by geometry: which expression the landmarks show, by how they differ from the same person's at rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.landmark_order import MIRRORED
from fer_demo.faces.stable_frame import in_stable_frame
from fer_demo.metrics.point_motion import REGIONS
from training.evaluation.pairs.data import Photo, nearest_take

REST = "neutral"
_STRENGTH = 0.1  # inverse of the penalty; from .01 to 1 hardly any answer changes


@dataclass(frozen=True)
class ShapeJudge:
    """Multinomial logistic regression on the departure of the 51 inner landmarks from a person's own rest.

    Its landmarker taught no editor. It is fitted on the true pictures of the fitting half, and so shares these with the
    editor's motion: it is a witness for what is seen on a picture, not for how large it should be. Who is asked
    for a neutral face is held against the true neutral picture, which therefore reads as neutral by construction.
    """

    answers: Pipeline
    taught: Mapping[str, int]  # how many pictures of each expression; few for some

    @classmethod
    def fit(cls, sets: Sequence[Sequence[Photo]]) -> ShapeJudge:
        """From the photos of each set; contempt, which has no prototype, is left out.

        Raises: DataError if they show fewer than two expressions.
        """
        found = [
            (photo.expression, departure(photo.landmarks, rest.landmarks))
            for photos in sets
            for photo in photos
            if photo.expression in BASIC and (rest := _rest_of(photo, photos)) is not None
        ]
        taught = Counter(expression for expression, _ in found)
        if len(taught) < 2:
            raise DataError("A judge by geometry needs two expressions or more; use the whole files of true pairs.")
        moved = np.stack([one for _, one in found])
        shown = [BASIC.index(expression) for expression, _ in found]
        regression = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=2000)
        answers = make_pipeline(StandardScaler(), regression)
        answers.fit(_inner(np.concatenate([moved, moved[:, MIRRORED] * (-1, 1)])), shown + shown)
        return cls(answers, {name: taught[name] for name in BASIC if name in taught})

    def read(self, departures: Float[np.ndarray, "faces 68 2"]) -> Int[np.ndarray, " faces"]:
        """What faces show that differ from their own rest by so much, as indices into BASIC."""
        return self.answers.predict(_inner(departures))


def departure(landmarks: Float[np.ndarray, "68 2"], rest: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "68 2"]:
    """How far a person's landmarks lie from those of their face at rest, on the stable frame."""
    return in_stable_frame(landmarks) - in_stable_frame(rest)


def _rest_of(photo: Photo, photos: Sequence[Photo]) -> Photo | None:
    """Another neutral picture of the same person; a neutral picture without one is its own rest."""
    own = [other for other in photos if other.person == photo.person and other.expression == REST]
    others = [other for other in own if other is not photo]
    return nearest_take(photo, others) if others else next(iter(own), None)


def _inner(moved: Float[np.ndarray, "faces 68 2"]) -> Float[np.ndarray, "faces 102"]:
    return moved[:, REGIONS["inner face"]].reshape(len(moved), -1)
