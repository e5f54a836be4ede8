"""What a recognizer answers to posed faces of people who never teach: by expression, framing and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch
import tyro
from tqdm import tqdm

from fer_demo.capabilities import RecognizesExpression
from fer_demo.errors import CheckpointError, DataError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.crops import FaceCrop, crop_or_whole
from fer_demo.faces.detection import Detector, RetinaFaceDetector
from fer_demo.images import load_photo, to_tensor
from fer_demo.metrics.bootstrap import bootstrap_interval
from fer_demo.published.calibration import named
from fer_demo.published.model import PublishedModel
from training.data.posed_faces import POSED_SETS, posed_file
from training.data.splits import teaches
from training.evaluation.pairs.groups import ATTRIBUTES, groups_of
from training.evaluation.pairs.table import LEAST
from training.evaluation.part import open_model, place_of, write_part
from training.evaluation.recognition.crop_sensitivity import CROPS, recropped
from training.evaluation.record import EVALUATION_FILE, Figure
from training.recognition.answers import answers, basic_answers, vote_logits

PART = "posed"  # of an evaluation file, and its table
AS_IT_IS = "as it is"  # the framing of the set's own pictures
FRAMED = "london"  # the set whose pictures show more than the face
LABEL, LARGEST, NAME = "FER2013's label", "largest share of the votes", "the one name"


@dataclass(frozen=True)
class PosedSettings:
    """Which recognizer to ask."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint, or the name of a bundled model
    data: Path  # folder with pairs/; only read
    seed: int = 0  # of the bootstrap


@dataclass(frozen=True, eq=False)
class PosedAnswers:
    """What a recognizer says of the pictures of one set in one framing."""

    rows: Sequence[Mapping[str, Any]]  # of the set's table
    truth: np.ndarray  # (N,) indices into BASIC
    said: Mapping[str, np.ndarray]  # the same, by the way in which it was asked

    @property
    def best(self) -> str:
        """The way that the app answers."""
        return NAME if NAME in self.said else LABEL

    def right(self, way: str) -> np.ndarray:
        return self.said[way] == self.truth

    @property
    def people(self) -> np.ndarray:
        return np.array([row["person"] for row in self.rows])


def evaluate_posed(settings: PosedSettings) -> Path:
    """Write evaluation.json beside the weights.

    Raises: CheckpointError if the model recognizes no expressions, DataError if the pictures are missing.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    if not isinstance(model, RecognizesExpression):
        raise CheckpointError(f"{settings.run} holds a {type(model).__name__}, which recognizes no expressions.")
    figures, table = posed_report(model, settings.data, settings.seed)
    path = folder / EVALUATION_FILE
    write_part(path, model, PART, run, settings.seed, figures, {PART: table}, "--data DATA")
    return path


def posed_report(model: PublishedModel, data: Path, seed: int) -> tuple[list[Figure], dict[str, Any]]:
    """Figures of each set, and what the card shows of them."""
    detector = RetinaFaceDetector(threads=torch.get_num_threads())
    figures: list[Figure] = []
    table: dict[str, Any] = {"expressions": [], "framings": [], "groups": []}
    for name in POSED_SETS:
        rows = [row for row in pq.read_table(posed_file(data, name)).to_pylist() if not teaches(row["person"])]
        rows = [row for row in rows if row["expression"] in BASIC]
        if not rows:
            raise DataError(f"{posed_file(data, name)} shows nobody who never teaches.")
        crops = [crop_or_whole(load_photo(row["image"]), detector) for row in tqdm(rows, desc=name, leave=False)]
        framings = {AS_IT_IS: None} | (CROPS if name == FRAMED else {})
        found = {
            framing: _answers(model, rows, _pixels(crops, detector, share, model.config.size))
            for framing, share in framings.items()
        }
        whole, where = found[AS_IT_IS], f"posed faces of {name}, people who never teach"
        for way in whole.said:
            right = whole.right(way)
            interval = _interval(right, whole.people, seed)
            figures.append(Figure(f"accuracy, seven expressions: {way}", float(right.mean()), where, len(right), "",
                                  interval))  # fmt: skip
        table["expressions"] += by_expression(name, whole)
        table["framings"] += [
            [f"{name}, {framing}", float(one.right(one.best).mean()), len(rows)] for framing, one in found.items()
        ]
        table["groups"] += by_group(whole, seed) if name == FRAMED else []
        if len(found) > 1:
            shares = [float(one.right(one.best).mean()) for framing, one in found.items() if framing != AS_IT_IS]
            words = "accuracy in the best framing less that in the worst"
            figures.append(Figure(words, max(shares) - min(shares), where, len(rows)))
    return figures, table


def by_expression(name: str, found: PosedAnswers) -> list[list[Any]]:
    """Set, expression, how many pictures, and the share that is read as it in each of the ways, in their order."""
    rows = []
    for place, expression in enumerate(BASIC):
        inside = found.truth == place
        if inside.any():
            shares = [[way, float(found.right(way)[inside].mean())] for way in found.said]
            rows.append([name, expression, int(inside.sum()), shares])
    return rows


def by_group(found: PosedAnswers, seed: int) -> list[list[Any]]:
    """Attribute, group, people, accuracy and its interval; no accuracy where there are fewer people than LEAST."""
    rows: list[list[Any]] = []
    right, people = found.right(found.best), found.people
    for attribute in ATTRIBUTES:
        groups, sizes = groups_of(found.rows, people, attribute)
        for name, size in sizes.items():
            if size < LEAST:
                rows.append([attribute, name, size, None, None])
                continue
            inside = groups == name
            within = _interval(right[inside], people[inside], seed)
            rows.append([attribute, name, size, float(right[inside].mean()), within])
    return rows


def _pixels(crops: Sequence[FaceCrop], detector: Detector, eye_share: float | None, size: int) -> np.ndarray:
    """The faces (N, size, size, 3) as the app would cut them, of the pictures or of squares cut from them first."""
    pixels = []
    for crop in crops:
        if eye_share is not None and crop.face is not None:
            crop = crop_or_whole(recropped(crop.photo, crop.face.points, eye_share), detector)
        pixels.append(crop.pixels(size))
    return np.stack(pixels)


def _answers(model: PublishedModel, rows: Sequence[Mapping[str, Any]], pixels: np.ndarray) -> PosedAnswers:
    faces = to_tensor(pixels, model.config.channels)
    said = {LABEL: basic_answers(model, answers(model, faces).mirrored)}
    votes = vote_logits(model, faces)
    calibration = None if model.calibration is None else model.calibration.votes
    if votes is not None and calibration is not None:
        basic = [WITH_CONTEMPT.index(name) for name in BASIC]
        shares = calibration.probabilities(votes)[:, basic]
        habit = tuple(calibration.habit[place] for place in basic) if calibration.habit else ()
        said |= {LARGEST: shares.argmax(axis=1), NAME: named(shares, habit)}
    return PosedAnswers(rows, np.array([BASIC.index(row["expression"]) for row in rows]), said)


def _interval(right: np.ndarray, people: np.ndarray, seed: int) -> tuple[float, float]:
    """Of the share that is right, when people are drawn again with all their pictures."""
    each = [(right[people == person].sum(), (people == person).sum()) for person in np.unique(people)]
    return bootstrap_interval(
        np.array(each, dtype=float), seed, lambda drawn: float(drawn[:, 0].sum() / drawn[:, 1].sum())
    )
