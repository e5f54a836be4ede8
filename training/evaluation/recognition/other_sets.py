"""How well a recognizer reads a set that somebody names: as the app cuts and answers, class by class, fold by fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError, FerDemoError
from fer_demo.expressions import BASIC
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import Detector
from fer_demo.images import to_tensor
from fer_demo.metrics.bootstrap import bootstrap_interval
from fer_demo.metrics.confusion import balanced_accuracy, confusion_counts, macro_f1
from fer_demo.published.model import PublishedModel
from training.evaluation.record import Figure
from training.recognition.answers import answers, basic_answers, vote_logits

FEWEST = 10  # pictures that can be measured on
By = Literal["person", "picture"]


@dataclass(frozen=True, eq=False)
class SetAnswers:
    """What a recognizer says of the pictures that it can be right about."""

    truth: np.ndarray  # (N,) indices into BASIC
    said: np.ndarray  # (N,) likewise
    logits: np.ndarray  # (N, K), face and mirror image; with those of the votes where there are some
    said_by_votes: np.ndarray | None  # (N,) of the votes head among the basic expressions
    groups: Sequence[str]  # who is shown, or which picture it is


def set_answers(
    model: PublishedModel, source: FaceSource, detector: Detector, by: By, say: Callable[[str], None] = print
) -> SetAnswers:
    """The answers to every labelled picture of a set; what is left out is said.

    Raises: DataError if hardly anything is left, or nobody is named though folds go by person.
    """
    shown, people = source.column("expression"), source.column("person")
    rows = [row for row, label in enumerate(shown) if label in BASIC]
    contempt = sum(label is not None for label in shown) - len(rows)
    if contempt:
        say(f"{contempt:,} pictures show contempt, which is none of the seven answers; they are left out.")
    if by == "person" and any(people[row] is None for row in rows):
        unnamed = sum(people[row] is None for row in rows)
        if unnamed == len(rows):
            raise DataError(f"{source.name} names nobody, so folds cannot go by person; give --by picture.")
        say(f"{unnamed:,} pictures name nobody; each of them counts as a person of its own.")
    crops, kept = [], []
    for row in tqdm(rows, desc=f"read {source.name}", leave=False):
        try:
            crops.append(crop_or_whole(source.picture(row), detector).pixels(model.config.size))
            kept.append(row)
        except FerDemoError as error:
            say(f"{source.name}, {row}: {error}")
    if len(kept) < FEWEST:
        raise DataError(f"{source.name} has {len(kept)} labelled pictures that can be read; {FEWEST} are the fewest.")
    faces = to_tensor(np.stack(crops), model.config.channels)
    logits = answers(model, faces).mirrored
    votes = vote_logits(model, faces)
    return SetAnswers(
        truth=np.array([BASIC.index(shown[row]) for row in kept]),
        said=basic_answers(model, logits),
        logits=logits if votes is None else np.hstack([logits, votes]),
        said_by_votes=None if votes is None else votes[:, : len(BASIC)].argmax(axis=1),
        groups=[str(row) if by == "picture" or people[row] is None else f"person {people[row]}" for row in kept],
    )


def set_figures(found: SetAnswers, data: str, seed: int) -> list[Figure]:
    """Accuracies with intervals, and how many of each expression were read."""
    truth, right = found.truth, found.said == found.truth
    counts = confusion_counts(truth, found.said, len(BASIC))
    per_class = [(name, right[truth == place]) for place, name in enumerate(BASIC) if (truth == place).any()]
    by_votes = found.said_by_votes
    return [
        _share("accuracy, face and its mirror image", right, data, seed),
        *([] if by_votes is None else [_share("accuracy, largest share of the votes", by_votes == truth, data, seed)]),
        Figure("balanced accuracy", balanced_accuracy(counts), data, len(truth)),
        Figure("macro-F1", macro_f1(counts), data, len(truth)),
        *(_share(f"read as {name}, of those that are", read, data, seed) for name, read in per_class),
    ]


def fold_figures(found: SetAnswers, folds: int, by: By, data: str, seed: int) -> list[Figure]:
    """Mean and spread over folds that share nobody: as the model answers, and with its answers fitted on the others.

    The fitted ones are a logistic regression on its logits: what a set's own labels gain without new training.

    Raises: DataError if there are fewer people or pictures than folds.
    """
    if len(set(found.groups)) < folds:
        raise DataError(f"{len(set(found.groups))} of them ({by}) do not make {folds} folds; give fewer.")
    parts = GroupKFold(folds, shuffle=True, random_state=seed).split(found.logits, found.truth, found.groups)
    own, fitted = [], []
    for others, part in parts:
        own.append(float((found.said[part] == found.truth[part]).mean()))
        if len(set(found.truth[others])) < 2:
            raise DataError(f"A fold's others all show one expression; give fewer than {folds} folds.")
        refit = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        refit.fit(found.logits[others], found.truth[others])
        fitted.append(float(refit.score(found.logits[part], found.truth[part])))
    count = len(found.truth)
    return [
        Figure(f"{name}, {what}", value, f"{data}, {folds} folds by {by}", count)
        for name, shares in (("accuracy", own), ("accuracy, answers fitted on the other folds", fitted))
        for what, value in (("mean", float(np.mean(shares))), ("standard deviation", float(np.std(shares, ddof=1))))
    ]


def _share(name: str, right: np.ndarray, data: str, seed: int) -> Figure:
    return Figure(name, float(right.mean()), data, len(right), "", bootstrap_interval(right, seed))
