"""Questions about a dataset's rows in SQL: answered in a process of its own, with limits on every size and on time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from fer_demo.bounded import Bounded, TooLargeError, TooLongError
from fer_demo.data.limits import LARGEST_QUESTION, MOST_COLUMNS, QUERY_MEGABYTES, QUERY_SECONDS
from fer_demo.errors import DataError

TABLE = "faces"
NUMBER = "face"  # the column that counts the rows from 0; an answer that has it is a choice of faces
COMPARISONS = ("is", "is not", "at least", "at most", "contains", "is empty", "has a value")
MOST_EXPORTED = 200_000  # rows of an answer that is taken home

_MOST_SHOWN = 200
_COLUMNS = f"SELECT column_name, column_type FROM (DESCRIBE {TABLE})"
_database = Bounded("fer_demo.data.query_answers", QUERY_SECONDS, QUERY_MEGABYTES)


@dataclass(frozen=True, eq=False)
class Answer:
    """The first rows of an answer, and the faces it chooses if it has the column `face`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]  # at most 200, unless more were asked for; what JSON lacks is text
    count: int  # rows of the whole answer
    faces: np.ndarray | None  # (count,) int64, each one once, in the answer's order


class RowQuery:
    """The table `faces`, which each question finds as it was."""

    def __init__(self, labels: pa.Table) -> None:
        self._size = labels.num_rows
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, labels.schema) as writer:
            writer.write_table(labels)
        self._labels = memoryview(sink.getvalue())

    def columns(self) -> dict[str, str]:
        """The type of every column by its name."""
        return {name: kind for name, kind in self.run(_COLUMNS, MOST_COLUMNS + 1).rows}  # noqa: C416 - rows are tuples

    def run(self, sql: str, most_rows: int = _MOST_SHOWN) -> Answer:
        """The answer to one SELECT, with so many of its rows.

        Raises: DataError with one sentence for anything else, for mistakes, and for what takes too much.
        """
        if len(sql) > LARGEST_QUESTION:
            raise DataError(f"This query has {len(sql):,} letters, and {LARGEST_QUESTION:,} is the most we read.")
        try:
            found, chosen = _database.ask(self._labels, sql.encode("utf-8", "replace"), str(most_rows).encode())
        except TooLongError:
            raise DataError(f"This query takes more than {QUERY_SECONDS} seconds; ask for less.") from None
        except TooLargeError:
            raise DataError("This query needs more memory than it may have; ask for less.") from None
        said = json.loads(found)
        faces = self._faces(np.frombuffer(chosen, np.int64)) if said["is_choice"] else None
        return Answer(tuple(said["columns"]), tuple(map(tuple, said["rows"])), said["count"], faces)

    def _faces(self, faces: np.ndarray) -> np.ndarray:
        faces = faces[(faces >= 0) & (faces < self._size)]
        if (np.diff(faces) > 0).all():
            return faces
        _, first = np.unique(faces, return_index=True)
        return faces[np.sort(first)]


def condition(column: str, kind: str, comparison: str, value: str) -> str:
    """One condition in SQL on a column of this type, as a form asks for it.

    Raises: DataError if the comparison is unknown or a column of numbers is compared with a word.
    """
    name = '"' + column.replace('"', '""') + '"'
    literal = "'" + value.strip().replace("'", "''") + "'"
    if comparison == "is empty":
        return f"{name} IS NULL"
    if comparison == "has a value":
        return f"{name} IS NOT NULL"
    if comparison == "contains":
        return f"contains(lower(CAST({name} AS VARCHAR)), lower({literal}))"
    sign = {"is": "=", "is not": "IS DISTINCT FROM", "at least": ">=", "at most": "<="}.get(comparison)
    if sign is None:
        raise DataError(f"“{comparison}” is not a comparison; use one of {', '.join(COMPARISONS)}.")
    if _is_number(kind):
        try:
            literal = f"{float(value):.17g}"
        except ValueError:
            raise DataError(f"The column “{column}” holds numbers, and “{value}” is not a number.") from None
    elif kind == "BOOLEAN":
        literal = "true" if value.strip().lower() in ("true", "yes", "1") else "false"
    return f"{name} {sign} {literal}"


def choose(conditions: Sequence[str]) -> str:
    """The query for all faces that meet every condition."""
    where = f"\nWHERE {chr(10).join(('  AND ' if place else '') + one for place, one in enumerate(conditions))}"
    return f"SELECT {NUMBER} FROM {TABLE}{where if conditions else ''}"


def _is_number(kind: str) -> bool:
    return kind in ("FLOAT", "DOUBLE") or "INT" in kind or kind.startswith("DECIMAL")
