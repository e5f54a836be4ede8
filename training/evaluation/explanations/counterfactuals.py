"""`evaluate counterfactuals`: how often a small step of the facial movements changes a recognizer's answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from tqdm import tqdm

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_fer2013
from fer_demo.data.sources import FaceSource
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.dataset.face_pass import crop_of_record
from fer_demo.inference.explain.counterfactual import Counterfactual, CounterfactualSearch
from fer_demo.inference.recognize.probabilities import recognize, recognize_aligned
from fer_demo.inference.transfer.identity_kept import identity_kept
from fer_demo.metrics.wilson import wilson_interval
from fer_demo.published.model import PublishedModel
from training.evaluation.part import open_model, place_of, write_part
from training.evaluation.recognition.report import PUBLIC_TEST
from training.evaluation.record import EVALUATION_FILE, Figure

PART = "counterfactuals"  # of an evaluation file, and its table
_EDITOR, _JUDGE, _EMBEDDER = "landmark_editor", "expression_judge", "identity_embedder"
_SECOND = "expression_classifier"  # the second opinion on the judge itself


@dataclass(frozen=True)
class CounterfactualSettings:
    """Whose answers to change, and on how many faces."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint of a recognizer, or the name of a bundled model
    data: Path  # folder with fer2013/
    faces: int = 100  # of FER2013 PublicTest, drawn at random: a few seconds each
    seed: int = 0  # of the faces and of what is wanted of each

    def __post_init__(self) -> None:
        if self.faces < 1:
            raise SettingsError("Give --faces 1 or more.")


@dataclass(frozen=True)
class Attempt:
    """One search, and what others say of its picture."""

    found: Counterfactual
    agrees: bool  # the second recognizer answers with the wanted expression, too
    agreed_before: bool  # it did so of the untouched face
    kept: bool  # inside the same-person band


def evaluate_counterfactuals(settings: CounterfactualSettings) -> Path:
    """Write evaluation.json beside the weights.

    Raises: CheckpointError if the model recognizes nothing, DataError if the data cannot be read.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    editor, embedder = load_model(_EDITOR), load_model(_EMBEDDER)
    second = _JUDGE if settings.run != _JUDGE else _SECOND
    source = load_fer2013(settings.data, "public_test")
    attempts = try_all(model, editor, load_model(second), embedder, source, settings.faces, settings.seed)
    path = folder / EVALUATION_FILE
    table = counterfactual_table(attempts, PUBLIC_TEST, second)
    options = f"--data DATA --faces {settings.faces}"
    write_part(path, model, PART, run, settings.seed, figures_of(attempts, PUBLIC_TEST), {PART: table}, options)
    return path


def try_all(
    model: PublishedModel,
    editor: PublishedModel,
    second: PublishedModel,
    embedder: PublishedModel,
    source: FaceSource,
    faces: int,
    seed: int,
) -> list[Attempt]:
    """One attempt for each drawn face, at a basic expression that the model does not answer with, drawn as well."""
    generator, detector = np.random.default_rng(seed), RetinaFaceDetector()
    attempts = []
    for row in tqdm(generator.permutation(len(source))[:faces], desc="counterfactuals", leave=False):
        crop = crop_of_record(source[int(row)], detector)
        answer = recognize(model, [crop])[0]
        top = answer.expressions[int(answer.probabilities.argmax())]
        wanted = str(generator.choice([name for name in BASIC if name != top and name in answer.expressions]))
        found = CounterfactualSearch(model, editor, crop, wanted).finished()
        pair = recognize_aligned(second, np.stack([found.edited.before, found.edited.pixels]))
        kept = bool(identity_kept(embedder, found.edited.pixels[None], crop).inside[0])
        attempts.append(Attempt(found, pair[1].top == wanted, pair[0].top == wanted, kept))
    return attempts


def figures_of(attempts: Sequence[Attempt], data: str) -> list[Figure]:
    """Success, and over the successful attempts, if there are any, step, identity and the second opinion."""
    found = [one for one in attempts if one.found.found]
    figures = [_share("counterfactuals found", len(found), len(attempts), data)]
    if found:
        steps = [one.found.step for one in found]
        figures += [
            Figure("step of counterfactuals, median", float(np.median(steps)), data, len(found), unit="units"),
            _share("counterfactuals of the same person", sum(one.kept for one in found), len(found), data),
            _share("counterfactuals a second recognizer agrees with", sum(map(_won, found)), len(found), data),
        ]
    return figures


def counterfactual_table(attempts: Sequence[Attempt], data: str, second: str) -> dict[str, Any]:
    """`tables.counterfactuals` of evaluation.json: counts of faces by the expression that was wanted."""
    rows = []
    for wanted in BASIC:
        tried = [one for one in attempts if one.found.wanted == wanted]
        found = [one for one in tried if one.found.found]
        if tried:
            step = round(float(np.median([one.found.step for one in found])), 3) if found else None
            rows.append({
                "wanted": wanted,
                "tried": len(tried),
                "found": len(found),
                "step": step,
                "same person": sum(one.kept for one in found),
                "second agrees": sum(map(_won, found)),
            })  # fmt: skip
    return {"data": data, "faces": len(attempts), "second": second, "rows": rows}


def _won(attempt: Attempt) -> bool:
    """Whether the second recognizer was won over: it agrees, and did not before."""
    return attempt.agrees and not attempt.agreed_before


def _share(name: str, hits: int, count: int, data: str) -> Figure:
    return Figure(name, hits / count, data, count, interval=wilson_interval(hits, count))
