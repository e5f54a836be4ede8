"""How near a vote head comes to what ten people say: shares, sets, the one name, and where people disagree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro

from fer_demo.capabilities import RecognizesVotes
from fer_demo.data.loading import load_fer2013
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.recognize.ten_people import HALF
from fer_demo.metrics.bootstrap import bootstrap_interval
from fer_demo.metrics.calibration_error import expected_calibration_error
from fer_demo.metrics.conformal import mean_size, prediction_sets, voted_coverage
from fer_demo.metrics.confusion import balanced_accuracy, confusion_counts
from fer_demo.metrics.share_calibration import jensen_shannon, largest_share_bins, share_bins
from fer_demo.metrics.temperature import cross_entropy
from fer_demo.published.calibration import Calibration, named
from fer_demo.published.model import PublishedModel
from training.data.augmentation import plain_views
from training.data.face_set import VALIDATION_SHARE, FaceSet, build_face_set, held_out, vote_shares
from training.data.posed_faces import POSED_SETS, posed_faces
from training.evaluation.fit_votes import fit_votes
from training.evaluation.part import open_model, place_of, recipe_of, write_part
from training.evaluation.recognition.report import PUBLIC_TEST, vote_majority
from training.evaluation.record import EVALUATION_FILE, Figure
from training.recognition.answers import vote_logits

PART = "votes"  # of an evaluation file, and its table
BY_LARGEST, BY_NAME = "by the largest share", "by the one name"


@dataclass(frozen=True)
class VoteSettings:
    """Which recognizer's vote head to calibrate and evaluate, and on what."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint, or the name of a bundled model
    data: Path  # folder with fer2013/, and pairs/ if the one name is to be held against posed faces
    rows: int | None = None  # of each data set, for a quick look that cannot be published
    seed: int = 0  # of the voters drawn and of the bootstrap

    def __post_init__(self) -> None:
        if self.rows is not None and self.rows < 50:
            raise SettingsError("Give --rows 50 or more.")


@dataclass(frozen=True)
class VotedFaces:
    """Faces that people voted on, and what the vote head says of them."""

    votes: np.ndarray  # (N, 10) counts in the order of FER+
    shares: np.ndarray  # (N, 8) of those who named an expression
    logits: np.ndarray  # (N, 8) mean of the face and its mirror image
    data: str

    @property
    def majority(self) -> np.ndarray:
        """(N,) what most of at least two votes name, -1 where there is no such expression."""
        return vote_majority(self.votes)


def evaluate_votes(settings: VoteSettings) -> Path:
    """Write the votes into calibration.json and evaluation.json beside the weights; return the latter.

    Raises: CheckpointError if the model knows no votes or no label's calibration, DataError where nobody voted.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    if not isinstance(model, RecognizesVotes):
        raise CheckpointError(f"{run} holds a {type(model).__name__}, which knows no votes.")
    if model.calibration is None:
        raise CheckpointError(f"{run} is not calibrated; run `python -m training evaluate recognition` first.")
    fold = int(recipe_of(run).get("fold", 0))
    calibration, figures, table = vote_report(model, settings.data, settings.seed, settings.rows, fold)
    replace(model.calibration, votes=calibration).save(folder)
    limit = "" if settings.rows is None else f" --rows {settings.rows}"
    path = folder / EVALUATION_FILE
    write_part(path, model, PART, run, settings.seed, figures, {PART: table}, f"--data DATA{limit}")
    return path


def vote_report(
    model: PublishedModel, data: Path, seed: int, rows: int | None = None, fold: int = 0
) -> tuple[Calibration, list[Figure], dict[str, Any]]:
    """A calibration from the first half of the validation cut; figures from the second, test rows and posed faces."""
    short = "" if rows is None else f", first {rows} rows"
    training = load_fer2013(data, "train")
    cut = training.select(np.flatnonzero(~np.array(training.column("in_other_split"), dtype=bool)))
    cut = cut.select(np.flatnonzero(held_out(cut, VALIDATION_SHARE, fold)))
    half = held_out(cut, VALIDATION_SHARE / 2, 2 * fold)
    halves = [
        _voted(model, cut.select(np.flatnonzero(mask)[:rows]), f"{name} half of the validation cut of FER2013 Training")
        for mask, name in ((half, "first"), (~half, "second"))
    ]
    first, second = (replace(one, data=one.data + short) for one in halves)
    calibration = fit_votes(first.logits, first.shares, first.majority, _taught(training), f"the {first.data}")
    test = load_fer2013(data, "public_test")
    test = test.select(range(min(rows or len(test), len(test))))
    fresh = np.flatnonzero(~np.array(test.column("in_other_split"), dtype=bool))
    unseen = _voted(model, test.select(fresh), f"{PUBLIC_TEST}{short} that Training lacks")
    everything = _voted(model, test, PUBLIC_TEST + short)
    figures = [figure for faces in (unseen, second) for figure in _nearness(calibration, faces, seed)]
    figures += [figure for faces in (everything, second) for figure in _named(calibration, faces, seed)]
    figures += _disagreement(calibration, everything)
    if (data / "pairs").is_dir():
        figures += [figure for name in POSED_SETS for figure in _posed(model, calibration, data, name)]
    return calibration, figures, _table(calibration, unseen, everything)


def _voted(model: PublishedModel, source: FaceSource, name: str) -> VotedFaces:
    """The rows on which somebody named an expression."""
    votes = [np.zeros(10) if one is None else np.asarray(one) for one in source.column("votes")]
    shares = np.array([vote_shares(one) for one in votes], dtype=np.float64).reshape(-1, len(WITH_CONTEMPT))
    there = np.flatnonzero(shares.any(axis=1))
    if not len(there):
        raise DataError(f"Nobody voted on the faces of {name}; votes are column `votes` of docs/data.md.")
    faces = build_face_set(source.select(there), model.config.size)
    return VotedFaces(np.stack(votes)[there], shares[there], _logits(model, faces), name)


def _logits(model: PublishedModel, faces: FaceSet) -> np.ndarray:
    with torch.inference_mode():
        found = vote_logits(model, plain_views(faces.crops, model.config.size))
    assert found is not None  # asked of models with a vote head alone
    return found


def _taught(training: FaceSource) -> np.ndarray:
    """(8,) how often people named each expression in all of Training, from which the head took its habit."""
    shares = np.array([vote_shares(None if votes is None else np.asarray(votes)) for votes in training.column("votes")])
    return np.maximum(shares[shares.any(axis=1)].mean(axis=0), 1e-3).astype(np.float64)


def _nearness(calibration: Calibration, faces: VotedFaces, seed: int) -> list[Figure]:
    """How near predicted shares come to people's, and how near five other people come."""
    predicted, count = calibration.probabilities(faces.logits).astype(np.float64), len(faces.shares)
    apart = jensen_shannon(predicted, faces.shares)
    five, others = drawn_apart(faces.votes, seed)
    both = five.any(axis=1) & others.any(axis=1)
    of_model = jensen_shannon(predicted[both], others[both])
    of_five = jensen_shannon(five[both], others[both])
    where, halves = faces.data, f"{faces.data}; against the votes of five of the ten people"
    return [
        Figure("cross-entropy to the votes", cross_entropy(faces.logits / calibration.temperature, faces.shares), where,
               count, "nats"),
        Figure("cross-entropy to the votes before calibration", cross_entropy(faces.logits, faces.shares), where, count,
               "nats"),
        Figure("Jensen-Shannon divergence to the votes", float(apart.mean()), where, count, "nats",
               bootstrap_interval(apart, seed)),
        Figure("Jensen-Shannon divergence of the model", float(of_model.mean()), halves, int(both.sum()), "nats",
               bootstrap_interval(of_model, seed)),
        Figure("Jensen-Shannon divergence of the other five people", float(of_five.mean()), halves, int(both.sum()),
               "nats", bootstrap_interval(of_five, seed)),
        Figure("expected calibration error of shares",
               expected_calibration_error(share_bins(predicted, faces.shares)), where, count),
        Figure("expected calibration error of the largest share",
               expected_calibration_error(largest_share_bins(predicted, faces.shares)), where, count),
    ]  # fmt: skip


def drawn_apart(votes: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Five of the voters on each face (N, 10), drawn at random, and the others: two times (N, 8) shares.

    A row of zeros where none of them named an expression.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for row in votes.astype(int):
        ballots = rng.permutation(np.repeat(np.arange(len(row)), row))
        halves = (ballots[:5], ballots[5:])
        parts.append([vote_shares(np.bincount(half, minlength=len(row))) for half in halves])
    both = np.array(parts, dtype=np.float64)
    return both[:, 0], both[:, 1]


def _named(calibration: Calibration, faces: VotedFaces, seed: int) -> list[Figure]:
    """What most people named, against the largest share and against the one name."""
    clear = faces.majority >= 0
    truth, predicted = faces.majority[clear], calibration.probabilities(faces.logits[clear])
    where = f"{faces.data} where most of at least two votes agree"
    figures = []
    for way, habit in ((BY_LARGEST, ()), (BY_NAME, calibration.habit)):
        right = named(predicted, habit) == truth
        figures.append(
            Figure(f"FER+ 8-class accuracy, {way}", float(right.mean()), where, len(right), "",
                   bootstrap_interval(right, seed))
        )  # fmt: skip
        counts = confusion_counts(truth, named(predicted, habit), len(WITH_CONTEMPT))
        figures.append(Figure(f"FER+ 8-class balanced accuracy, {way}", balanced_accuracy(counts), where, len(right)))
    return figures


def _disagreement(calibration: Calibration, faces: VotedFaces) -> list[Figure]:
    """How often “people disagree about this one” is said, and how often they did."""
    said = calibration.probabilities(faces.logits).max(axis=1) < HALF
    split = faces.shares.max(axis=1) <= HALF
    figures = [Figure("people disagree, said", float(said.mean()), faces.data, len(said))]
    for mask, words in ((said, "where it was said"), (~said, "where it was not said")):
        if mask.any():
            name = f"no expression has more than half of the votes, {words}"
            figures.append(Figure(name, float(split[mask].mean()), faces.data, int(mask.sum())))
    return figures


def _posed(model: PublishedModel, calibration: Calibration, data: Path, name: str) -> list[Figure]:
    """Posed faces of people who never taught: the label they were asked to pose."""
    faces = posed_faces(data, name, model.config.size, RetinaFaceDetector(threads=torch.get_num_threads()), False)
    truth, predicted = faces.votes.numpy().argmax(axis=1), calibration.probabilities(_logits(model, faces))
    where, figures = f"posed faces of {name}, people who never teach", []
    for way, habit in ((BY_LARGEST, ()), (BY_NAME, calibration.habit)):
        counts = confusion_counts(truth, named(predicted, habit), len(WITH_CONTEMPT))
        accuracy = float(np.trace(counts) / counts.sum())
        figures.append(Figure(f"8-class accuracy, {way}", accuracy, where, len(truth)))
        figures.append(Figure(f"8-class balanced accuracy, {way}", balanced_accuracy(counts), where, len(truth)))
    return figures


def _table(calibration: Calibration, unseen: VotedFaces, everything: VotedFaces) -> dict[str, Any]:
    """What the app shows: reliability of the largest share, sets of names, confusion of the one name."""
    predicted = calibration.probabilities(unseen.logits)
    bins = largest_share_bins(predicted, unseen.shares)
    sets = {asked: prediction_sets(predicted, limit) for asked, limit in calibration.thresholds.items()}
    clear = everything.majority >= 0
    said = named(calibration.probabilities(everything.logits[clear]), calibration.habit)
    counts = confusion_counts(everything.majority[clear], said, len(WITH_CONTEMPT))
    how = "mean logits of the face and its mirror image, calibrated"
    return {
        "expressions": list(WITH_CONTEMPT),
        "reliability": {
            "bins": [list(one) for one in bins],
            "ece": expected_calibration_error(bins),
            "data": f"{unseen.data}; {how}",
        },
        "coverage": [[asked, voted_coverage(one, unseen.shares), mean_size(one)] for asked, one in sets.items()],
        "confusion": {
            "rows": counts.tolist(),
            "data": f"{everything.data} where most of at least two votes agree; {how}",
        },
    }
