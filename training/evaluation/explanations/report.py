"""The verdicts on every method of explanation, over many faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from jaxtyping import Bool, Float
from torch import Tensor
from tqdm import tqdm

from fer_demo.data.records import FaceRecord
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.faces.alignment import align, five_points, given_points, make_a_face, similarity
from fer_demo.images import to_grey
from fer_demo.inference.explain.curves import CURVES
from fer_demo.inference.explain.examination import Asked, Examination
from fer_demo.inference.explain.methods import explainer_of, methods_for
from fer_demo.inference.explain.question import about_expression
from fer_demo.inference.explain.regions import draw_regions
from fer_demo.inference.explain.verdict import Verdict, Word
from fer_demo.inference.preparation import face_tensor
from fer_demo.inference.recognize.probabilities import LABEL, logits_of
from fer_demo.metrics.wilson import wilson_interval
from fer_demo.published.model import PublishedModel
from training.evaluation.record import Figure

WORDS: tuple[Word, ...] = get_args(Word)


@dataclass
class Verdicts:
    """How often each word was said of one method, how often each check was passed, and why it failed."""

    words: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)  # by curve, which every map with evidence is put to
    failures: Counter[str] = field(default_factory=Counter)  # by sentence

    def add(self, verdict: Verdict) -> None:
        """Count one more verdict."""
        self.words[verdict.word] += 1
        passed = {check.name: int(check.passed) for check in verdict.checks}
        self.passed.update({curve.name: passed.get(curve.name, 0) for curve in CURVES})
        if verdict.word == "fails":
            self.failures[verdict.sentence] += 1


@dataclass(frozen=True)
class ExplanationReport:
    """The verdicts by method, all over the same faces."""

    data: str
    faces: int
    verdicts: Mapping[str, Verdicts]

    @property
    def figures(self) -> list[Figure]:
        """How often each method is faithful, with Wilson's interval."""
        counted = {method: verdicts.words["faithful"] for method, verdicts in self.verdicts.items()}
        return [
            Figure(
                f"faithful explanations, {method}",
                hits / self.faces,
                self.data,
                self.faces,
                interval=wilson_interval(hits, self.faces),
            )
            for method, hits in counted.items()
        ]

    @property
    def table(self) -> dict[str, Any]:
        """`tables.explanations` of evaluation.json: counts of faces."""
        return {
            "data": self.data,
            "faces": self.faces,
            "rows": [
                {
                    "method": method,
                    "words": {word: found.words[word] for word in WORDS},
                    "passed": dict(found.passed),
                    "failures": dict(found.failures.most_common()),
                }
                for method, found in self.verdicts.items()
            ],
        }


def explanation_report(
    model: PublishedModel, source: FaceSource, data: str, faces: int, seed: int
) -> ExplanationReport:
    """The verdicts on the model's own answer, its label, for this many faces drawn from those with landmarks.

    Raises: DataError if too few faces have landmarks.
    """
    verdicts = {method: Verdicts() for method in methods_for(model)}
    drawn = np.random.default_rng(seed).permutation(len(source))
    seen = 0
    _, expressions, logits = logits_of(model, LABEL)
    with tqdm(total=faces, desc="explain", leave=False) as bar:
        for face, regions in _faces(model, source, drawn):
            if seen == faces:
                break
            top = expressions[int(logits(face).argmax())]
            asked = Asked(model, face, about_expression(model, top), seed)
            for method, found in verdicts.items():
                found.add(Examination(asked, explainer_of(method, regions), thorough=False).finished())
            seen += 1
            bar.update()
    if seen < faces:
        raise DataError(f"Only {seen} of {len(source)} faces have landmarks; ask for no more with --faces.")
    return ExplanationReport(data, faces, verdicts)


def _faces(
    model: PublishedModel, source: FaceSource, drawn: np.ndarray
) -> Iterator[tuple[Float[Tensor, "1 channels size size"], Bool[np.ndarray, "regions size size"]]]:
    """The aligned faces that have landmarks, and their regions."""
    side = model.config.size
    for row in drawn:
        record: FaceRecord = source[int(row)]
        landmarks = record.landmarks
        if landmarks is None or not np.isfinite(landmarks).all() or not make_a_face(five_points(landmarks)):
            continue
        points = given_points(record.points, landmarks, record.image.shape)
        if points is None:
            continue
        matrix = similarity(points, side)
        face = face_tensor(model, align(to_grey(record.image), points, side)[None])
        yield face, draw_regions(landmarks @ matrix[:, :2].T + matrix[:, 2], side)
