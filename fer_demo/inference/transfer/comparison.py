"""Editors side by side: the same face and target by each of them, and what was measured on many faces before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fer_demo import images
from fer_demo.capabilities import Guidance
from fer_demo.checkpoints import bundled_evaluation
from fer_demo.expressions import BASIC
from fer_demo.inference.recognize.probabilities import Recognition, basic_probabilities, recognize_aligned
from fer_demo.inference.transfer.guidance import GUIDANCE_COLUMNS, guidance_cells, guidance_of
from fer_demo.inference.transfer.identity_kept import IdentityKept, identity_kept
from fer_demo.inference.transfer.into_photo import in_colour
from fer_demo.inference.transfer.transfer import Direction, edited
from fer_demo.inference.transfer.true_pairs import NaturalSize
from fer_demo.metrics.brightness import brightness_drift
from fer_demo.metrics.sharpness import sharpness_ratio
from fer_demo.published.evaluation_file import Score
from fer_demo.published.model import PublishedModel

COMPARISON_COLUMNS = (
    *("editor", "wanted", "alpha", *BASIC, "expression", "identity_distance", "same_person"),
    *("sharpness", "brightness_drift", "natural_size"),
    *GUIDANCE_COLUMNS,
)


@dataclass(frozen=True, eq=False)
class EditorResult:
    """What one editor made of a face, measured as every other's."""

    direction: Direction
    alpha: float  # the editor's own amount
    picture: np.ndarray  # (S, S, 3) uint8
    judged: Recognition
    kept: IdentityKept | None  # None without an embedder
    sharpness: float  # contrast of fine detail over the photo's, both at the result's size
    brightness: float  # change of the mean, of 255
    size: NaturalSize | None  # None where it was not measured
    guidance: Guidance | None = None  # that the editor painted with


@dataclass(frozen=True)
class MeasuredColumn:
    """What a score means, and how the methods did."""

    name: str
    unit: str
    better: str  # high, low, or what it should be near to
    meaning: str
    data: str
    scores: tuple[Score | None, ...]  # in the order of the table's methods


@dataclass(frozen=True)
class TransferTable:
    """The evaluation of transfer as it travels with a checkpoint."""

    methods: tuple[str, ...]  # the model first, then the baselines
    columns: tuple[MeasuredColumn, ...]


def run_editor(
    editor: PublishedModel,
    judge: PublishedModel,
    embedder: PublishedModel | None,
    direction: Direction,
    alpha: float,
    size: NaturalSize | None = None,
) -> EditorResult:
    """One edit and its scores; `size` is what was measured of edits of its kind."""
    source, painted = direction.person, edited(editor, direction, alpha)
    side = painted.shape[0]
    before, after = (
        images.to_tensor(images.to_grey(picture)[np.newaxis], 1) for picture in (source.pixels(side), painted)
    )
    return EditorResult(
        direction=direction,
        alpha=alpha,
        picture=in_colour(painted, source),
        judged=recognize_aligned(judge, painted[np.newaxis])[0],
        kept=None if embedder is None else identity_kept(embedder, painted[np.newaxis], source),
        sharpness=float(sharpness_ratio(after, before)),
        brightness=float(brightness_drift(after, before)),
        size=size,
        guidance=guidance_of(editor),
    )


def comparison_rows(results: Mapping[str, EditorResult], expression: str) -> Sequence[tuple[str, ...]]:
    """One row of COMPARISON_COLUMNS for each editor by its title; what was not measured is empty."""
    return [
        (
            title,
            expression,
            f"{result.alpha:.4f}",
            *(f"{value:.4f}" for value in basic_probabilities(result.judged)),
            result.judged.top,
            "" if result.kept is None else f"{result.kept.distances[0]:.4f}",
            "" if result.kept is None else "yes" if result.kept.inside[0] else "no",
            f"{result.sharpness:.4f}",
            f"{result.brightness:.4f}",
            "" if result.size is None else f"{result.size.value:.4f}",
            *guidance_cells(result.guidance),
        )
        for title, result in results.items()
    ]


def measured_transfer(name: str, model: PublishedModel) -> TransferTable | None:
    """The table of an evaluation of exactly these weights, None if there was none.

    Raises: CheckpointError if the bundled file is damaged.
    """
    return bundled_evaluation(name, model, "transfer", _table)


def joined(tables: list[TransferTable]) -> TransferTable:
    """One table with the model of each, and the baselines of the first."""
    first, *others = tables
    columns = []
    for column in first.columns:
        theirs = [next((c for c in other.columns if c.name == column.name), None) for other in others]
        added = [None if other is None else other.scores[0] for other in theirs]
        own, *baselines = column.scores
        columns.append(MeasuredColumn(**{**vars(column), "scores": (own, *added, *baselines)}))
    methods = (first.methods[0], *(other.methods[0] for other in others), *first.methods[1:])
    return TransferTable(methods, tuple(columns))


def _table(tables: Mapping[str, Any]) -> TransferTable | None:
    if (values := tables.get("transfer")) is None:
        return None
    rows = values["rows"]
    columns = [
        MeasuredColumn(
            name=str(column["name"]),
            unit=str(column["unit"]),
            better=str(column["better"]),
            meaning=str(column["meaning"]),
            data=str(column["data"]),
            scores=tuple(
                Score.of(row["scores"][column["name"]]) if column["name"] in row["scores"] else None for row in rows
            ),
        )
        for column in values["columns"]
    ]
    return TransferTable(tuple(str(row["method"]) for row in rows), tuple(columns))
