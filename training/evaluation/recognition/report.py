"""How well a model names expressions and how far it can be trusted: accuracy, calibration, sets, robustness."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.special import softmax
from torch import Tensor

from fer_demo.data.loading import load_bundled, load_fer2013
from fer_demo.data.sources import FaceSource
from fer_demo.expressions import BASIC, LABEL_ORDERS, WITH_CONTEMPT
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import Detector, RetinaFaceDetector
from fer_demo.images import to_tensor
from fer_demo.metrics.bootstrap import bootstrap_interval
from fer_demo.metrics.confusion import balanced_accuracy, confusion_counts, macro_f1
from fer_demo.metrics.rank_correlation import entropy, rank_correlation
from fer_demo.published.calibration import Calibration
from fer_demo.published.human_line import HUMAN_TABLE, Against
from fer_demo.published.model import PublishedModel
from training.data.augmentation import plain_views
from training.data.expression_faces import FAINT
from training.data.face_set import VALIDATION_SHARE, FaceSet, build_face_set, held_out
from training.evaluation.recognition.fit_calibration import CalibrationFigures, calibration_figures, fit_calibration
from training.evaluation.recognition.human_line import measured_people, vote_majority
from training.evaluation.recognition.robustness import crop_sensitivity, curves
from training.evaluation.recognition.selection_bias import selection_bias_table
from training.evaluation.record import CLEAR_FACES, Figure
from training.recognition.answers import Answers, answers, basic_answers, basic_order, single_logits, vote_logits

PUBLIC_TEST = "FER2013 PublicTest, exact rows"
CROP_FACES = 200  # of each data set, evenly spread over it
BOTH = "mean logits of the face and its mirror image"


class RecognitionReport(NamedTuple):
    """What goes into the evaluation file, and the calibration that goes beside it."""

    figures: list[Figure]
    tables: dict[str, Any]
    calibration: Calibration


class _Measured(NamedTuple):
    """One data set's answers with its labels."""

    source: FaceSource
    faces: FaceSet
    answers: Answers
    truth: np.ndarray  # (N,) indices into BASIC
    name: str


def recognition_report(
    model: PublishedModel, data: Path, seed: int, *, rows: int | None = None, fold: int = 0, run: Path | None = None
) -> RecognitionReport:
    """Measure everything, on the first `rows` of each data set or all of them.

    `fold` is the validation cut that chose the checkpoint, `run` the folder that may hold kept checkpoints.
    """
    short = "" if rows is None else f", first {rows} rows"
    source = load_fer2013(data, "public_test")
    test = _measured(model, source.select(range(min(rows or len(source), len(source)))), PUBLIC_TEST + short)
    fresh = ~np.array(test.source.column("in_other_split"), dtype=bool)
    detector = RetinaFaceDetector(threads=torch.get_num_threads())
    training = load_fer2013(data, "train")
    training = training.select(np.flatnonzero(~np.array(training.column("in_other_split"), dtype=bool)))
    halves = _halves(model, training, fold, rows, short)
    calibration, cut_figures, cut_tables = _calibrated(model, test, fresh, halves)
    people = measured_people(test.source, training, test.name, seed)
    rendered = _clear(load_bundled())
    synthetic = build_face_set(rendered.select(range(min(rows or len(rendered), len(rendered)))), model.config.size)
    drawn = single_logits(model, plain_views(synthetic.crops, model.config.size))
    drawn_right = basic_answers(model, drawn) == synthetic.expression.numpy()
    reading = crop_sensitivity(model, rendered, data, detector, CROP_FACES)
    views = plain_views(test.faces.crops, model.config.size)
    kept = None if run is None else selection_bias_table(run, views, test.truth, test.name)
    by_votes = _votes(model, test, calibration, seed)
    if people is not None:
        people["model"] = next((figure.value for figure in by_votes if figure.against == "votes"), None)
    figures = [
        *_accuracies(model, test, fresh, detector, seed),
        *by_votes,
        *cut_figures,
        _share("accuracy", drawn_right, CLEAR_FACES + short, seed),
        *reading.figures,
    ]
    if kept is not None:
        name = "gained if the checkpoint were chosen by the test split"
        figures.append(Figure(name, kept["gain"], test.name, len(test.truth)))
    both = basic_answers(model, test.answers.mirrored)
    tables = {
        **cut_tables,
        "confusion": {
            "rows": confusion_counts(test.truth, both, len(BASIC)).tolist(),
            "data": f"{test.name}; {BOTH}",
        },
        "robustness": [list(row) for row in curves(model, test.faces) + reading.rows],
        **({} if people is None else {HUMAN_TABLE: people}),
        **({} if kept is None else {"inflation": kept}),
    }
    return RecognitionReport(figures, tables, calibration)


def _measured(model: PublishedModel, source: FaceSource, name: str) -> _Measured:
    faces = build_face_set(source, model.config.size)
    views = plain_views(faces.crops, model.config.size)
    return _Measured(source, faces, answers(model, views), faces.expression.numpy(), name)


def _halves(
    model: PublishedModel, source: FaceSource, fold: int, rows: int | None, short: str
) -> tuple[_Measured, _Measured]:
    """The validation cut of FER2013 Training in two, equal pictures on one side."""
    cut = source.select(np.flatnonzero(held_out(source, VALIDATION_SHARE, fold)))
    first = held_out(cut, VALIDATION_SHARE / 2, 2 * fold)
    parts = []
    for mask, name in ((first, "first"), (~first, "second")):
        chosen = np.flatnonzero(mask)[:rows]
        where = f"{name} half of the validation cut of FER2013 Training{short}"
        parts.append(_measured(model, cut.select(chosen), where))
    return parts[0], parts[1]


def _calibrated(
    model: PublishedModel, test: _Measured, fresh: np.ndarray, halves: tuple[_Measured, _Measured]
) -> tuple[Calibration, list[Figure], dict[str, Any]]:
    """A calibration from the first half, measured on the second and on test faces that Training lacks."""
    own = np.array(basic_order(model))  # of our classes, in the model's order
    first, second = halves
    calibration = fit_calibration(
        first.answers.mirrored, own[first.truth], model.config.expressions, f"the {first.name}"
    )
    on_second = calibration_figures(calibration, second.answers.mirrored, own[second.truth])
    on_test = calibration_figures(calibration, test.answers.mirrored[fresh], own[test.truth[fresh]])
    test_name = f"{test.name} that Training lacks"
    measured = {test_name: (on_test, int(fresh.sum())), second.name: (on_second, len(second.truth))}
    figures = [
        Figure(name, value, data, count)
        for data, (found, count) in measured.items()
        for name, value in _trust(found).items()
    ]
    tables: dict[str, Any] = {
        "reliability": {
            "bins": [list(one) for one in on_test.bins],
            "ece": on_test.error,
            "ece_equal_width": on_test.error_equal_width,
            "data": f"{test_name}; {BOTH}, calibrated",
        },
        "coverage": [list(row[:3]) for row in on_test.sets],
        "prediction_sets": [[data, *row] for data, (found, _) in measured.items() for row in found.sets],
    }
    return calibration, figures, tables


def _trust(measured: CalibrationFigures) -> dict[str, float]:
    return {
        "expected calibration error": measured.error,
        "expected calibration error before calibration": measured.error_before,
        "Brier score": measured.brier,
        "Brier score before calibration": measured.brier_before,
    }


def _accuracies(
    model: PublishedModel, test: _Measured, fresh: np.ndarray, detector: Detector, seed: int
) -> list[Figure]:
    single, truth = basic_answers(model, test.answers.single), test.truth
    pairs = np.stack([truth, single], axis=1)
    both = basic_answers(model, test.answers.mirrored) == truth
    as_app = basic_answers(model, answers(model, _detected(test.source, model, detector)).mirrored) == truth

    def scored(name: str, score: Callable[[np.ndarray], float]) -> Figure:
        def statistic(rows: np.ndarray) -> float:
            return score(confusion_counts(rows[:, 0], rows[:, 1], len(BASIC)))

        return Figure(name, statistic(pairs), test.name, len(truth), "", bootstrap_interval(pairs, seed, statistic))

    return [
        _share("accuracy", single == truth, test.name, seed, "label"),
        _share("accuracy", (single == truth)[fresh], f"{test.name} that Training lacks", seed, "label"),
        scored("balanced accuracy", balanced_accuracy),
        scored("macro-F1", macro_f1),
        _share("accuracy, face and its mirror image", both, test.name, seed, "label"),
        _share("accuracy as in the app: our detector, mirror image", as_app, test.name, seed, "label"),
    ]


def _votes(model: PublishedModel, test: _Measured, calibration: Calibration, seed: int) -> list[Figure]:
    """FER+ accuracy of a model that has learnt votes, and whether any model doubts where people disagree.

    Nothing for a set that nobody voted on.
    """
    counts = np.stack([np.zeros(10) if votes is None else votes for votes in test.source.column("votes")])
    named = np.array([WITH_CONTEMPT.index(name) for name in LABEL_ORDERS["ferplus"] if name is not None])
    shares = np.zeros((len(counts), len(WITH_CONTEMPT)))
    shares[:, named] = counts[:, : len(named)]
    voted = shares.sum(axis=1) > 0
    if not voted.any():
        return []
    doubt = entropy(shares[voted] / shares[voted].sum(axis=1, keepdims=True))
    own = entropy(calibration.probabilities(test.answers.mirrored[voted]))
    name, where = "rank correlation of the model's entropy with that of ten voters", test.name
    figures = [Figure(name, rank_correlation(own, doubt), where, int(voted.sum()))]
    logits = vote_logits(model, plain_views(test.faces.crops, model.config.size))
    if logits is not None:
        predicted = entropy(softmax(logits[voted].astype(np.float64), axis=1))
        figures.append(Figure(f"{name}, votes head", rank_correlation(predicted, doubt), where, int(voted.sum())))
        majority = vote_majority(counts)
        clear = majority >= 0
        right = logits.argmax(axis=1)[clear] == majority[clear]
        where = f"{test.name} where most of at least two votes agree"
        figures.append(_share("FER+ 8-class majority accuracy, face and its mirror image", right, where, seed, "votes"))
    return figures


def _share(name: str, right: np.ndarray, data: str, seed: int, against: Against = "") -> Figure:
    interval = bootstrap_interval(right, seed)
    return Figure(name, float(right.mean()), data, len(right), "", interval, against=against)


def _clear(source: FaceSource) -> FaceSource:
    """The synthetic faces whose expression is full enough to be read."""
    strengths = source.column("intensity")
    return source.select([row for row, strength in enumerate(strengths) if strength == 0 or strength >= FAINT])


def _detected(source: FaceSource, model: PublishedModel, detector: Detector) -> Tensor:
    """The crops as the app would cut them: aligned by our detector, the whole picture where it finds no face."""
    crops = [crop_or_whole(record.image, detector).pixels(model.config.size) for record in source]
    return to_tensor(np.stack(crops), model.config.channels)
