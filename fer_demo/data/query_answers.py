"""The side of a query that runs in a process of its own: a locked database in memory, new for every question."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from fer_demo.bounded import Bytes
from fer_demo.data.limits import LARGEST_ANSWER
from fer_demo.data.query import NUMBER, TABLE
from fer_demo.errors import DataError

_MEMORY, _THREADS = "512MB", 2  # of the tables; strings and lists on their way are bounded by the process
_MOST_ROWS = 2_000_000  # of an answer; what comes after is not read
_BATCH = 2_048  # rows; a batch of long texts must not be much
_ONLY_SELECT = "Only SELECT is allowed here: nothing is written, attached or read from files."
# What JSON has too; everything else is text as the database writes it.
_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_PLAIN = {*_WHOLE, "FLOAT", "DOUBLE", "BOOLEAN", "VARCHAR"}
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


def answer(labels: bytearray, sql: bytearray, most_rows: bytearray) -> list[Bytes]:
    """Columns, first rows and count as JSON, and the chosen faces as int64."""
    question = sql.decode()
    _check_reads_only(question)
    database = _locked(pa.ipc.open_stream(labels).read_all())
    try:
        database.execute("BEGIN TRANSACTION READ ONLY")
        return _read(database.sql(question), int(most_rows))
    except (duckdb.OutOfMemoryException, pa.ArrowMemoryError):
        raise MemoryError from None
    except duckdb.PermissionException:
        raise DataError(f"Queries read the table “{TABLE}” and nothing else: no files, no network.") from None
    except duckdb.TransactionException:
        raise DataError(_ONLY_SELECT) from None
    except (duckdb.Error, pa.ArrowException) as error:
        raise DataError(f"This query cannot be run: {_reason(error)}.") from None
    finally:
        database.close()


def _locked(labels: pa.Table) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(":memory:", config={"threads": _THREADS, "memory_limit": _MEMORY})
    database.register("incoming", _numbered(labels))
    database.execute(f"CREATE TABLE {TABLE} AS SELECT * FROM incoming")
    database.unregister("incoming")
    for lock in _LOCKS:
        database.execute(lock)
    return database


def _read(found: duckdb.DuckDBPyRelation, most_rows: int) -> list[Bytes]:
    names, kinds = found.columns, [str(kind) for kind in found.types]
    is_choice = NUMBER in names and kinds[names.index(NUMBER)] in _WHOLE
    cells = (f"#{place}" if kind in _PLAIN else f"CAST(#{place} AS VARCHAR)" for place, kind in enumerate(kinds, 1))
    reader = found.project(", ".join(f"{cell} AS c{place}" for place, cell in enumerate(cells))).to_arrow_reader(_BATCH)
    chosen: list[np.ndarray] = [np.empty(0, np.int64)]
    rows: list[list[Any]] = []
    count = size = 0
    for batch in reader:
        if count >= _MOST_ROWS:
            break
        count += batch.num_rows
        if len(rows) < most_rows:
            first = batch.slice(0, most_rows - len(rows))
            size += first.nbytes
            if size > LARGEST_ANSWER:
                raise DataError(f"This answer has more than {LARGEST_ANSWER / 1e6:.0f} MB; ask for less.")
            rows += map(list, zip(*(column.to_pylist() for column in first.columns), strict=True))
        if is_choice:
            chosen.append(np.asarray(batch.column(names.index(NUMBER)).drop_null(), dtype=np.int64))
    said = {"columns": names, "rows": rows, "count": count, "is_choice": is_choice}
    return [json.dumps(said).encode(), np.concatenate(chosen).tobytes()]


def _check_reads_only(sql: str) -> None:
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
