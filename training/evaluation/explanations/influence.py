"""`evaluate influence`: whether the faces that taught a wrong label are found among all that taught."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro
from torch import Tensor
from tqdm import tqdm

from fer_demo.data.loading import load_bundled, load_fer2013
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError, SettingsError
from fer_demo.inference.explain.influence import (
    INFLUENCE_TABLE,
    SHOWN,
    TaughtFaces,
    aligned_face,
    most_harmful,
    teach_head,
)
from fer_demo.metrics.wilson import wilson_interval
from fer_demo.published.model import PublishedModel
from training.evaluation.part import open_model, place_of, write_part
from training.evaluation.record import EVALUATION_FILE, Figure

FIRST = (0.05, 0.1)  # shares of all faces that somebody looks through, the most suspicious first
WRONG = 0.05  # share of the faces that get a wrong label


@dataclass(frozen=True)
class InfluenceSettings:
    """Whose last layer to teach, and on which faces."""

    run: tyro.conf.Positional[str]  # folder of a run or a checkpoint of a recognizer, or the name of a bundled model
    # Folder with fer2013/, on whose Training the layer is taught. Without it the bundled rendered faces teach.
    data: Path | None = None
    faces: int = 3000  # of FER2013 Training, drawn at random
    questions: int = 100  # faces asked about, each with a planted one
    seed: int = 0  # of the draw, of which labels are wrong and of what they become

    def __post_init__(self) -> None:
        if self.questions < 1 or self.faces < 10 * self.questions:
            raise SettingsError("Give --questions 1 or more, and ten times as many --faces.")


@dataclass(frozen=True)
class Found:
    """How many wrong labels were found in two ways."""

    faces: int  # that taught
    wrong: int  # of them, with a wrong label
    found: tuple[int, ...]  # of these, among the first of each of FIRST
    questions: int
    harmful: int  # of their planted faces, among the SHOWN most harmful ones
    agreement: float  # share of the questions that the taught layer and the model's own answer alike


def evaluate_influence(settings: InfluenceSettings) -> Path:
    """Write evaluation.json beside the weights.

    Raises: CheckpointError if the model has no last layer to teach, DataError if there are too few faces.
    """
    run = place_of(settings.run)
    folder, model = open_model(run)
    if settings.data is None:
        source, data, part, options = load_bundled(), "bundled synthetic faces", INFLUENCE_TABLE, ""
    else:
        source, data = load_fer2013(settings.data, "train"), "FER2013 Training"
        drawn = np.random.default_rng(settings.seed).permutation(len(source))[: settings.faces]
        source, part = source.select(np.sort(drawn)), f"{INFLUENCE_TABLE}, FER2013"
        options = f"--data DATA --faces {settings.faces}"
    found = find_wrong_labels(model, source, settings.questions, settings.seed)
    path = folder / EVALUATION_FILE
    write_part(path, model, part, run, settings.seed, figures_of(found, data), {part: table_of(found, data)}, options)
    return path


def find_wrong_labels(model: PublishedModel, source: FaceSource, questions: int, seed: int) -> Found:
    """Teach the layer twice, once with wrong labels anywhere and once with a planted face beside each question."""
    taught = TaughtFaces(model, source)
    for _ in tqdm(taught.batches(), desc="read faces", leave=False):
        pass
    features, labels, classes = taught.features, np.array(taught.labels), len(model.config.expressions)
    if len(labels) < 10 * questions:
        raise DataError(f"Only {len(labels)} faces have a label and landmarks; ask for fewer --questions.")
    generator = np.random.default_rng(seed)
    wrong = generator.permutation(len(labels))[: round(WRONG * len(labels))]
    given = labels.copy()
    given[wrong] = _others(labels[wrong], classes, generator)
    suspicious = np.argsort(-teach_head(features, given.tolist(), classes).self_influences(), kind="stable")
    found = tuple(int(np.isin(wrong, suspicious[: round(share * len(labels))]).sum()) for share in FIRST)
    asked = generator.permutation(len(labels))[:questions]
    mirrored = _mirrored(taught, model, source, asked)
    planted = _others(labels[asked], classes, generator)
    kept = np.setdiff1d(np.arange(len(labels)), asked)
    head = teach_head(torch.cat([features[kept], mirrored]), [*labels[kept].tolist(), *planted.tolist()], classes)
    influences = head.influences(features[asked], labels[asked].tolist())
    harmful = sum(len(kept) + place in most_harmful(row, SHOWN) for place, row in enumerate(influences))
    said = head.probabilities(features[asked]).argmax(1)
    own = _own_labels(model, taught, source, asked)
    return Found(len(labels), len(wrong), found, questions, harmful, float((said == own).float().mean()))


def figures_of(found: Found, data: str) -> list[Figure]:
    """Recall, each with Wilson's interval."""
    return [
        *(
            _share(f"wrong labels found in the first {share:.0%}", count, found.wrong, data)
            for share, count in zip(FIRST, found.found, strict=True)
        ),
        _share(f"planted faces among the {SHOWN} most harmful", found.harmful, found.questions, data),
    ]


def table_of(found: Found, data: str) -> dict[str, Any]:
    """`tables.influence` of evaluation.json."""
    return {
        "data": data,
        "faces": found.faces,
        "wrong": found.wrong,
        "first": [[share, count] for share, count in zip(FIRST, found.found, strict=True)],
        "questions": found.questions,
        "most harmful": [SHOWN, found.harmful],
        "agreement": round(found.agreement, 4),
    }


def _others(labels: np.ndarray, classes: int, generator: np.random.Generator) -> np.ndarray:
    """Another label for each."""
    return (labels + generator.integers(1, classes, size=len(labels))) % classes


def _mirrored(taught: TaughtFaces, model: PublishedModel, source: FaceSource, asked: np.ndarray) -> Tensor:
    return torch.cat([taught.reader(_face(taught, model, source, face).flip(3)) for face in asked])


@torch.inference_mode()
def _own_labels(model: PublishedModel, taught: TaughtFaces, source: FaceSource, asked: np.ndarray) -> Tensor:
    faces = torch.cat([_face(taught, model, source, face) for face in asked])
    logits: Tensor = model.expression_logits(faces)  # type: ignore[operator]  # TaughtFaces has asked for it
    return logits.argmax(1).cpu()


def _face(taught: TaughtFaces, model: PublishedModel, source: FaceSource, face: int) -> Tensor:
    aligned = aligned_face(model, source[taught.rows[face]])
    assert aligned is not None  # it was read
    return aligned


def _share(name: str, hits: int, count: int, data: str) -> Figure:
    return Figure(name, hits / count, data, count, interval=wilson_interval(hits, count))
