"""FER+'s table of votes, fer2013new.csv: ten counts for each picture of FER2013, by file name or row by row."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import pyarrow as pa

from fer_demo.data.label_columns import plain
from fer_demo.errors import DataError

VOTES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "nf")


def is_votes_table(content: bytes) -> bool:
    """Whether a text is a table with all classes of FER+ and no pictures."""
    names = _names(content.partition(b"\n")[0].decode("utf-8-sig", "ignore"))
    return set(VOTES) <= names and "pixels" not in names


def votes_of(name: str, content: bytes, keys: Sequence[str]) -> list[list[int] | None]:
    """The votes on the pictures with these keys: by file name, or row by row where the tables are of one length.

    Raises: DataError if it is not FER+'s table, or of another set.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{name} cannot be read; give FER+'s table fer2013new.csv.") from error
    rows = [
        {plain(column or ""): cell for column, cell in row.items()}
        for row in csv.DictReader(text.splitlines(), delimiter=_delimiter(text.partition("\n")[0]))
    ]
    if not rows or not set(VOTES) <= set(rows[0]):
        raise DataError(f"{name} has no columns {', '.join(VOTES)}; give FER+'s table fer2013new.csv.")
    counts = [_counts(row) for row in rows]
    names = {row.get("image_name") or "": count for row, count in zip(rows, counts, strict=True)}
    if any(PurePosixPath(key).name in names for key in keys):
        return [names.get(PurePosixPath(key).name) for key in keys]
    if len(counts) != len(keys):
        raise DataError(f"{name} has {len(counts):,} rows and the set {len(keys):,}; they must be the same pictures.")
    return counts


def with_votes(table: pa.Table, tables: Mapping[str, bytes]) -> tuple[pa.Table, tuple[str, ...]]:
    """The table with the votes that lie beside it, and what is said of them; FER+'s rows are those of FER2013."""
    keys = [str(row) for row in range(table.num_rows)]
    notes = []
    for name, content in tables.items():
        if "votes" in table.column_names or not is_votes_table(content):
            continue
        try:
            votes = votes_of(name, content, keys)
        except DataError as error:
            notes.append(f"Votes that were left out: {error}")
            continue
        table = table.append_column("votes", pa.array(votes, pa.list_(pa.int64(), len(VOTES))))
        notes.append(f"The votes of ten people were read from {name}, row by row.")
    return table, tuple(notes)


def _counts(row: Mapping[str, str]) -> list[int] | None:
    try:
        return [int(float(row[name])) for name in VOTES]
    except (ValueError, TypeError):
        return None


def _names(header: str) -> set[str]:
    return {plain(name.strip('"')) for name in header.split(_delimiter(header))}


def _delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","
