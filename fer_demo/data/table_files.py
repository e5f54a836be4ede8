"""Files that hold tables, Parquet and CSV, read in memory and joined; every file by its own class names."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from fer_demo.data.columns import split_word
from fer_demo.data.label_columns import label_text, plain
from fer_demo.data.limits import LARGEST_TEXT, check_columns, check_size
from fer_demo.data.parquet_bytes import read_parquet
from fer_demo.data.picture_column import with_pictures
from fer_demo.errors import DataError

SPLIT_NAMES = ("split", "usage", "subset", "partition", "fold")
TABLE_SUFFIXES = (".parquet", ".csv", ".tsv")
_DELIMITERS = ",;\t|"
_BLOCK = 1 << 24  # bytes of text parsed at once
_HEADER = 1 << 16  # bytes within which the first line ends
_FER2013_COLUMNS = ("emotion", "pixels", "Usage")


def read_table(name: str, content: bytes) -> pa.Table:
    """The table of one file, whose kind its first bytes show; its pictures stand in the column `image`.

    Raises: DataError if it is damaged, too large, or without pictures.
    """
    if content[:4] != b"PAR1":
        return with_pictures(name, _csv(name, content))
    return with_pictures(name, tidy(with_class_names(read_parquet(name, content))))


def is_text_table(name: str, content: bytes) -> bool:
    """Whether a file is text that is called a table, or whose first line has columns."""
    line = _first_line(content)
    return line is not None and (name.lower().endswith(TABLE_SUFFIXES[1:]) or _delimiter(line) in line)


def together(files: Mapping[str, bytes]) -> tuple[pa.Table, tuple[str, ...]]:
    """Several files as one table, and what is said of those left out; a file named after a split says its rows'.

    Of texts with pictures one that holds several splits stands for all: FER2013 comes with parts of itself beside it.

    Raises: DataError as `read_table` does, if none of the files can be used.
    """
    parts: dict[str, pa.Table] = {}
    troubles: list[DataError] = []
    for name, content in files.items():
        try:
            parts[name] = read_table(name, content)
        except DataError as error:
            troubles.append(error)
    if not parts:
        raise troubles[0]
    parts, borrowing = _with_shared_classes(parts, files)
    whole = next((name for name, table in parts.items() if not name.endswith(".parquet") and _splits(table) > 1), None)
    parts = parts if whole is None else {whole: parts[whole]}
    tables = [_with_split(table, name) for name, table in parts.items()]
    left_out = [PurePosixPath(name).name for name in files if name not in parts]
    notes = [f"Tables that were left out: {', '.join(left_out)}."] if left_out else []
    if borrowing:
        notes.append(f"Tables read by the class names of the others: {', '.join(borrowing)}.")
    return join(tables), tuple(notes)


def join(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables below one another; columns of one name in different case are one, columns of different types text."""
    spelling: dict[str, str] = {}
    tables = [tidy(table) for table in tables]
    for table in tables:
        for name in table.column_names:
            spelling.setdefault(plain(name), name)
    tables = [table.rename_columns([spelling[plain(name)] for name in table.column_names]) for table in tables]
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException:
        pass
    kinds: dict[str, set[str]] = {}
    for field in (field for table in tables for field in table.schema):
        if not pa.types.is_null(field.type):
            kinds.setdefault(field.name, set()).add(str(field.type))
    mixed = {name for name, types in kinds.items() if len(types) > 1}
    return pa.concat_tables([_as_text(table, mixed) for table in tables], promote_options="permissive")


def with_class_names(table: pa.Table, metadata: Mapping[bytes, bytes] | None = None) -> pa.Table:
    """The table with words in place of the numbers that `datasets` stored beside their names."""
    for name, classes in _class_names(metadata or table.schema.metadata or {}).items():
        for place, field in enumerate(table.schema):
            if field.name == name and pa.types.is_integer(field.type):
                words = [_class_of(number, classes) for number in table.column(place).to_pylist()]
                table = table.set_column(place, name, pa.array(words, pa.string()))
    return table.replace_schema_metadata(None)


def _with_shared_classes(
    parts: Mapping[str, pa.Table], files: Mapping[str, bytes]
) -> tuple[dict[str, pa.Table], list[str]]:
    """The tables, those whose numbers have no names read by the names that all others agree on; and which these are."""
    stated: dict[str, list[list[str]]] = {}
    for name in (name for name in parts if files[name][:4] == b"PAR1"):
        metadata = pq.read_schema(pa.BufferReader(files[name])).metadata or {}
        for column, classes in _class_names(metadata).items():
            stated.setdefault(plain(column), []).append(classes)
    shared = {column: names[0] for column, names in stated.items() if all(one == names[0] for one in names)}
    read, borrowing = {}, []
    for name, table in parts.items():
        for place, field in enumerate(table.schema):
            if plain(field.name) in shared and pa.types.is_integer(field.type):
                numbers = table.column(place).to_pylist()
                words = [_class_of(number, shared[plain(field.name)]) for number in numbers]
                table = table.set_column(place, field.name, pa.array(words, pa.string()))
                borrowing.append(PurePosixPath(name).name)
        read[name] = table
    return read, borrowing


def _class_of(number: int | None, classes: Sequence[str]) -> str | None:
    return classes[number] if number is not None and 0 <= number < len(classes) else None


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        stated = {name: one.get("names") for name, one in features.items() if isinstance(one, dict)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {name: names for name, names in stated.items() if isinstance(names, list) and _are_words(names)}


def _are_words(names: list[Any]) -> bool:
    return bool(names) and all(isinstance(name, str) for name in names)


def tidy(table: pa.Table) -> pa.Table:
    """The table with names without spaces around them, each only once, and types that Arrow sorts and Python holds."""
    table = table.rename_columns(unique_names(table.column_names))
    for place, field in enumerate(table.schema):
        kinds = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}
        if field.type in kinds:
            table = table.set_column(place, field.name, table.column(place).cast(kinds[field.type]))
        elif _holds_times(field.type):
            table = table.set_column(place, field.name, _times(table.column(place)))
    return table


def _holds_times(kind: pa.DataType) -> bool:
    inside = (kind.field(index).type for index in range(kind.num_fields))
    return pa.types.is_temporal(kind) or any(map(_holds_times, inside))


def _times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of times as it is if Python has them all; else the numbers that they are stored as, or nothing."""
    try:
        column.to_pylist()
        return column
    except (ValueError, OverflowError, LookupError):  # a year beyond 9999, a time zone that nobody knows
        pass
    if pa.types.is_nested(column.type):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    wide = pa.int32() if column.type.bit_width == 32 else pa.int64()
    return column.cast(wide).cast(pa.string())


def unique_names(names: Sequence[str]) -> list[str]:
    """The names without spaces around them, each only once: a second one is numbered."""
    numbers: dict[str, int] = {}  # the last number that was tried behind each name
    found: dict[str, None] = {}
    for name in (name.strip("\ufeff \t\r\n") or "column" for name in names):
        free = name
        while free in found:
            numbers[name] = numbers.get(name, 1) + 1
            free = f"{name}_{numbers[name]}"
        found[free] = None
    return list(found)


def _csv(name: str, content: bytes) -> pa.Table:
    """A table of text: any delimiter, any of the usual encodings, with or without a header."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", "replace").encode()
    if len(content) > LARGEST_TEXT:
        raise DataError(
            f"{name} has {len(content) / 1e6:,.0f} MB, and {LARGEST_TEXT / 1e6:,.0f} is the most we open of a table in "
            "text; bring a part of it."
        )
    line = _first_line(content)
    if line is None:
        raise DataError(f"{name} is not a table in text; save it as CSV in UTF-8.")
    try:
        return _of_text(name, content, line, "utf8" if _is_utf8(content) else "latin-1")
    except pa.ArrowException as error:
        raise DataError(f"{name} cannot be read as CSV; save it again with one line for each picture.") from error


def _is_utf8(content: bytes) -> bool:
    """Asked beforehand: of a bad row in another encoding pyarrow prints a stack trace. Copies nothing."""
    offsets = pa.array([0, len(content)], pa.int64()).buffers()[1]
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(content)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _of_text(name: str, content: bytes, line: str, encoding: str) -> pa.Table:
    delimiter = _delimiter(line)
    cells = next(csv.reader([line], delimiter=delimiter))
    headless = any(len(cell) > 500 for cell in cells)  # the first line is a picture's already
    names = unique_names(list(_FER2013_COLUMNS[: len(cells)]) if headless else cells)
    check_columns(name, len(names))
    reader = pa_csv.open_csv(
        pa.BufferReader(content),
        pa_csv.ReadOptions(
            block_size=_BLOCK, column_names=names, skip_rows=0 if headless else 1, encoding=encoding, use_threads=False
        ),
        pa_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=lambda _: "skip"),
        pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True),
    )
    # Batch by batch: as text, pictures take four times the room.
    batches = [with_pictures(name, pa.Table.from_batches([batch])) for batch in reader if batch.num_rows]
    if not batches:
        raise DataError(f"{name} has columns but no rows; choose a set with at least one picture.")
    table = pa.concat_tables(batches)
    check_size(name, table.num_rows, table.column("image").nbytes)
    for place, column in enumerate(table.column_names):
        table = table.set_column(place, column, _numbers(table.column(place)))
    return table


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text as numbers if all of it is numbers; a number that begins with 0 is a name."""
    if not pa.types.is_string(column.type) or pc.any(pc.match_substring_regex(column, r"^\s*[+-]?0\d")).as_py():
        return column
    for kind in (pa.int64(), pa.float64()):
        try:
            return pc.utf8_trim_whitespace(column).cast(kind)
        except pa.ArrowException:
            continue
    return column


def _first_line(content: bytes) -> str | None:
    """The first line of a text; None if these bytes are not text."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content[:_HEADER].decode("utf-16", "replace").encode()
    start = content[:_HEADER]
    if b"\0" in start:
        return None
    try:
        text = start.decode("utf-8-sig", "strict" if len(content) < _HEADER else "ignore")
    except UnicodeDecodeError:
        text = start.decode("latin-1")
    return text.split("\n", 1)[0].rstrip("\r")


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _with_split(table: pa.Table, filename: str) -> pa.Table:
    split = split_word(PurePosixPath(filename).stem.split("-")[0])
    if split is None or any(plain(column) in SPLIT_NAMES for column in table.column_names):
        return table
    return table.append_column("split", pa.array([split] * table.num_rows, pa.string()))


def _splits(table: pa.Table) -> int:
    """How many splits a table's own column names."""
    column = next((name for name in table.column_names if plain(name) in SPLIT_NAMES), None)
    return 0 if column is None else pc.count_distinct(table.column(column)).as_py()


def _as_text(table: pa.Table, columns: set[str]) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name in columns:
            table = table.set_column(place, name, pa.array(_texts(table.column(place)), pa.string()))
    return table


def _texts(column: pa.ChunkedArray) -> list[Any]:
    return [label_text(value) for value in column.to_pylist()]
