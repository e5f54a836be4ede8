"""Questions about a dataset's rows in SQL: read-only, in memory, with limits on time, memory and size of the answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from fer_demo.errors import DataError

TABLE = "faces"
NUMBER = "face"  # the column that counts the rows from 0; an answer that has it is a choice of faces
COMPARISONS = ("is", "is not", "at least", "at most", "contains", "is empty", "has a value")

_SECONDS, _MEMORY, _THREADS = 5.0, "512MB", 2
_MOST_ROWS = 2_000_000  # of an answer; what comes after is not read
_MOST_SHOWN = 200
MOST_EXPORTED = 200_000  # rows of an answer that is taken home
_BATCH = 100_000
_ONLY_SELECT = "Only SELECT is allowed here: nothing is written, attached or read from files."
# The order matters: each forbids more, and after the last nothing can be changed any more.
_LOCKS = (
    "SET temp_directory = ''",
    "SET allow_community_extensions = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


@dataclass(frozen=True, eq=False)
class Answer:
    """The first rows of an answer, and the faces it chooses if it has the column `face`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]  # at most 200, unless more were asked for
    count: int  # rows of the whole answer
    faces: np.ndarray | None  # (count,) int64, each one once, in the answer's order


class RowQuery:
    """A locked database in memory that holds one table, `faces`."""

    def __init__(self, labels: pa.Table) -> None:
        # Imported here: nobody who does not ask needs to wait for it.
        import duckdb

        self._size = labels.num_rows
        self._database = duckdb.connect(":memory:", config={"threads": _THREADS, "memory_limit": _MEMORY})
        self._database.register("incoming", _numbered(labels))
        self._database.execute(f"CREATE TABLE {TABLE} AS SELECT * FROM incoming")
        self._database.unregister("incoming")
        for lock in _LOCKS:
            self._database.execute(lock)

    def columns(self) -> dict[str, str]:
        """The type of every column by its name."""
        described = self._database.cursor().execute(f"DESCRIBE {TABLE}").fetchall()
        return {name: kind for name, kind, *_ in described}

    def run(self, sql: str, most_rows: int = _MOST_SHOWN) -> Answer:
        """The answer to one SELECT, with so many of its rows.

        Raises: DataError with one sentence for anything else, for mistakes, and for what takes too long.
        """
        import duckdb

        _check_reads_only(sql)
        asked = self._database.cursor()
        timer = threading.Timer(_SECONDS, asked.interrupt)
        timer.start()
        try:
            asked.execute("BEGIN TRANSACTION READ ONLY")
            return self._read(asked.sql(sql).to_arrow_reader(_BATCH), most_rows)
        except duckdb.InterruptException:
            raise DataError(f"This query takes more than {_SECONDS:.0f} seconds; ask for less.") from None
        except duckdb.OutOfMemoryException:
            raise DataError(f"This query needs more than {_MEMORY} of memory; ask for less.") from None
        except duckdb.PermissionException:
            raise DataError(f"Queries read the table “{TABLE}” and nothing else: no files, no network.") from None
        except duckdb.TransactionException:
            raise DataError(_ONLY_SELECT) from None
        except (duckdb.Error, pa.ArrowException) as error:
            raise DataError(f"This query cannot be run: {_reason(error)}.") from None
        finally:
            timer.cancel()
            asked.close()

    def _read(self, reader: pa.RecordBatchReader, most_rows: int) -> Answer:
        chosen: list[np.ndarray] = []
        shown: list[tuple[Any, ...]] = []
        count = 0
        is_choice = NUMBER in reader.schema.names and pa.types.is_integer(reader.schema.field(NUMBER).type)
        for batch in reader:
            if count >= _MOST_ROWS:
                break
            count += batch.num_rows
            if len(shown) < most_rows:
                first = batch.slice(0, most_rows - len(shown))
                shown += list(zip(*(column.to_pylist() for column in first.columns), strict=True))
            if is_choice:
                chosen.append(np.asarray(batch.column(NUMBER).drop_null(), dtype=np.int64))
        return Answer(tuple(reader.schema.names), tuple(shown), count, self._faces(chosen) if is_choice else None)

    def _faces(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        faces = np.concatenate([np.empty(0, np.int64), *parts])
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


def _check_reads_only(sql: str) -> None:
    import duckdb

    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise DataError(f"This query cannot be read: {_reason(error)}.") from None
    if not statements:
        raise DataError(f"There is no query; write one such as SELECT {NUMBER} FROM {TABLE}.")
    if len(statements) > 1:
        raise DataError("One query at a time; take out what follows the first semicolon.")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise DataError(_ONLY_SELECT)


def _numbered(labels: pa.Table) -> pa.Table:
    """The labels with the column `face` in front, and names that differ in more than upper and lower case."""
    taken = {NUMBER}
    names = []
    for name in labels.column_names:
        while name.lower() in taken:
            name += "_"
        taken.add(name.lower())
        names.append(name)
    numbers = pa.array(np.arange(labels.num_rows, dtype=np.int64))
    columns = {name: _readable(labels.column(place)) for place, name in enumerate(names)}
    return pa.table({NUMBER: numbers, **columns})


def _readable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column in a type that the database knows: its own, else wider numbers, else text."""
    import duckdb

    for kind in (column.type, _wider(column.type), pa.string()):
        try:
            converted = column.cast(kind)
            duckdb.from_arrow(pa.table({"one": converted.slice(0, 1)})).fetchall()
            return converted
        except (duckdb.Error, pa.ArrowException):
            continue
    return pa.chunked_array([[None if value is None else str(value) for value in column.to_pylist()]], pa.string())


def _wider(kind: pa.DataType) -> pa.DataType:
    """The type with 32 bits wherever a number has 16."""
    if pa.types.is_float16(kind):
        return pa.float32()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_wider(kind.value_type))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_wider(kind.value_type), kind.list_size)
    return kind


def _reason(error: Exception) -> str:
    """The first line of a database's complaint, without the name of its part that complains."""
    line = str(error).strip().partition("\n")[0].rstrip("!. ")
    return line.partition(" Error: ")[2] or line


def _is_number(kind: str) -> bool:
    return kind in ("FLOAT", "DOUBLE") or "INT" in kind or kind.startswith("DECIMAL")
