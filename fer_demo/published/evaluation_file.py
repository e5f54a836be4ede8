"""The tables of a checkpoint's evaluation.json, and those that the app draws of a recognizer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.published.human_line import HumanLine, human_line

EVALUATION_FILE = "evaluation.json"

Row = TypeVar("Row")
Tables = TypeVar("Tables")


@dataclass(frozen=True)
class Score:
    """One measured number with its 95 % interval."""

    value: float
    low: float
    high: float
    count: int  # pictures or results it was measured on

    @classmethod
    def of(cls, values: Any) -> Score:
        """As a table has it: value, low, high and count."""
        value, low, high, count = values
        return cls(float(value), float(low), float(high), int(count))


@dataclass(frozen=True)
class ReliabilityBin:
    """Faces of like confidence."""

    confidence: float  # mean probability of the top answer, 0..1
    accuracy: float  # share of right answers, 0..1
    count: int


@dataclass(frozen=True)
class Reliability:
    """How often answers of each confidence are right, after calibration."""

    bins: tuple[ReliabilityBin, ...]  # from the least confident to the most, none empty
    ece: float  # expected calibration error over bins of equal mass
    data: str


@dataclass(frozen=True)
class Confusion:
    """Counts of true (row) against answered (column) expressions."""

    rows: tuple[tuple[int, ...], ...]
    data: str
    expressions: tuple[str, ...] = BASIC


@dataclass(frozen=True)
class CoverageRow:
    """How prediction sets kept their promise on faces that fitted nothing."""

    asked: float
    measured: float
    mean_size: float  # classes in a set


@dataclass(frozen=True)
class RobustnessRow:
    """Accuracy on copies of the same faces, degraded in one way."""

    degradation: str  # such as blur
    level: str  # such as 2 px; "none" for the untouched faces
    accuracy: float
    count: int


@dataclass(frozen=True)
class RecognitionTables:
    """Everything the app shows about how far a recognizer can be trusted."""

    reliability: Reliability
    confusion: Confusion
    coverage: tuple[CoverageRow, ...]
    robustness: tuple[RobustnessRow, ...]
    people: HumanLine | None = None  # on the same pictures, where people voted on them
    of_votes: bool = False  # held against what people say, not against labels


def read_evaluation(
    folder: Path, sha256: str, report: str, read: Callable[[Mapping[str, Any]], Tables | None]
) -> Tables | None:
    """What `read` makes of the tables in `folder`/evaluation.json; None if nobody evaluated exactly these weights.

    Raises: CheckpointError if the file is damaged; it names the report that writes these tables.
    """
    return _read(folder, sha256, report, lambda values: read(values.get("tables", {})))


def whole_evaluation(folder: Path, sha256: str, report: str) -> Mapping[str, Any] | None:
    """All figures, tables and measurements in `folder`/evaluation.json; None if nobody evaluated exactly these weights.

    Raises: CheckpointError if the file is damaged; it names the report to run again.
    """
    return _read(folder, sha256, report, dict)


def _read(folder: Path, sha256: str, report: str, read: Callable[[Mapping[str, Any]], Tables | None]) -> Tables | None:
    path = folder / EVALUATION_FILE
    if not path.is_file():
        return None
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        return read(values) if values["weights_sha256"] == sha256 else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name} of {folder.name} cannot be used ({error}). Run `python -m training evaluate {report}` again."
        ) from error


def recognition_tables(tables: Mapping[str, Any]) -> RecognitionTables | None:
    """Those of a recognizer's label; None if none was evaluated."""
    if "confusion" not in tables:
        return None
    return replace(_recognition_tables(tables, BASIC), people=human_line(tables))


def vote_tables(tables: Mapping[str, Any]) -> RecognitionTables | None:
    """Those of its votes: accuracy is the share of people who say what is named; None if none was evaluated."""
    votes = tables.get("votes")
    if votes is None:
        return None
    return replace(_recognition_tables(votes, tuple(str(name) for name in votes["expressions"])), of_votes=True)


def _recognition_tables(tables: Mapping[str, Any], expressions: tuple[str, ...]) -> RecognitionTables:
    reliability, confusion = tables["reliability"], tables["confusion"]
    return RecognitionTables(
        reliability=Reliability(
            bins=_rows(ReliabilityBin, reliability["bins"], (float, float, int)),
            ece=float(reliability["ece"]),
            data=str(reliability["data"]),
        ),
        confusion=Confusion(
            tuple(tuple(int(count) for count in row) for row in confusion["rows"]), str(confusion["data"]), expressions
        ),
        coverage=_rows(CoverageRow, tables["coverage"], (float, float, float)),
        robustness=_rows(RobustnessRow, tables.get("robustness", []), (str, str, float, int)),
    )


def _rows(kind: Callable[..., Row], rows: Any, types: tuple[Callable[[Any], Any], ...]) -> tuple[Row, ...]:
    return tuple(kind(*(convert(value) for convert, value in zip(types, row, strict=True))) for row in rows)
