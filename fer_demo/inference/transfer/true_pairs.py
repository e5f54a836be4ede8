"""What was measured of an editor beside true pictures of people: how near its edits come, and how large they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fer_demo.catalog import MODELS
from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.published.evaluation_file import Score, read_evaluation
from fer_demo.published.model import PublishedModel

PAIRS_TABLE = "pairs"  # its name among the tables
TRUE_PICTURE = "true picture"  # its name among the methods: what judges read of the pictures themselves
AT_1 = " at 1"  # how the name of the editor at amount 1 ends among the methods
ALL = "all expressions"  # together, as the expression of a task
OTHER_PHOTO = "another photo"  # of the same person, as the expression of a task: it drives, and is the truth
LARGEST = "London"  # the set with the most people for an expression
FEWEST = 8  # pairs below which a size says too little
SIZE = "size"  # the score of how far the mouth moved, made over true
_AS_PEOPLE = {"happy": "as people smile", "neutral": "as people go back to neutral"}


@dataclass(frozen=True)
class PairsRow:
    """One task: people of one set who go to one expression, by its name or driven by another person."""

    people_of: str  # the set
    expression: str  # a basic one, contempt, or ALL
    driven: bool
    pairs: int
    scores: dict[str, Score]  # of the editor at amount 1, by name
    truth: dict[str, Score] = field(default_factory=dict)  # what judges read of the true pictures


def how_asked(expression: str, driven: bool) -> str:
    """How the edits of a task were asked for, in words for its title."""
    if expression == OTHER_PHOTO:
        return "driven by it"
    return "driven by another person" if driven else "by name"


@dataclass(frozen=True)
class NaturalSize:
    """How far an edit moves the mouth, beside how far it moves in real people."""

    value: float  # made over true
    expression: str

    @property
    def words(self) -> str:
        """In a line beside the result."""
        people = _AS_PEOPLE.get(self.expression, f"as people show {self.expression}")
        return f"Natural size {self.value:.1f} (1.0 = {people})."


def measured_pairs(model: PublishedModel) -> tuple[PairsRow, ...]:
    """Every task of an evaluation of exactly these weights; empty if there was none.

    Raises: CheckpointError if the evaluation file beside the weights is damaged.
    """
    if model.origin is None:
        return ()
    source = model.origin.source
    return _rows(BUNDLED_FOLDER / source if source in MODELS else Path(source), model.origin.sha256)


def natural_size(model: PublishedModel, expression: str, driven: bool, amount: float) -> NaturalSize | None:
    """Of an edit at this amount; None backwards, and where these weights were not measured on enough pairs.

    Raises: CheckpointError if the evaluation file beside the weights is damaged.
    """
    rows = [row for row in measured_pairs(model) if (row.expression, row.driven) == (expression, driven)]
    most = max(rows, key=lambda row: row.pairs, default=None)
    if most is None or most.pairs < FEWEST or SIZE not in most.scores or amount < 0:
        return None
    return NaturalSize(amount * most.scores[SIZE].value, expression)


@cache
def _rows(folder: Path, sha256: str) -> tuple[PairsRow, ...]:
    return read_evaluation(folder, sha256, "pairs", _table) or ()


def _table(tables: Mapping[str, Any]) -> tuple[PairsRow, ...]:
    return tuple(_row(row) for row in tables.get(PAIRS_TABLE, {"rows": ()})["rows"])


def _row(row: Any) -> PairsRow:
    (editor,) = (scores for method, scores in row["scores"].items() if method.endswith(AT_1))
    scores, truth = (
        {str(name): Score.of(values) for name, values in told.items()}
        for told in (editor, row["scores"].get(TRUE_PICTURE, {}))
    )
    return PairsRow(str(row["set"]), str(row["expression"]), bool(row["driven"]), int(row["pairs"]), scores, truth)
