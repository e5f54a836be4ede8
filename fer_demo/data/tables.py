"""Tables with pictures in them, whoever made them: which column is which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fer_demo.data.columns import ALIASES, as_words, class_names, expressions_of
from fer_demo.data.opened_set import GIVEN, OpenedSet, label_words
from fer_demo.data.sources import FaceSource
from fer_demo.data.table_files import SPLIT_NAMES
from fer_demo.errors import DataError

_KEYS = ("key", "id", "file_name", "filename", "row")


def open_table(name: str, table: pa.Table) -> OpenedSet:
    """A table with a column of pictures under any name; pictures must be inside it, paths are not followed.

    Raises: DataError if it has no rows or no pictures.
    """
    if not table.num_rows:
        raise DataError(f"{name} has columns but no rows; choose a set with at least one picture.")
    notes: list[str] = []
    classes: list[str] | None = None
    label = next((alias for alias in ALIASES["expression"] if alias in table.column_names), None)
    if label is not None:
        classes = class_names(table, label)
    columns: dict[str, Any] = {"image": _pictures(name, table)}
    taken = {_picture_column(name, table)}
    if label is not None:
        columns |= _labelled(table.column(label).to_pylist(), classes, notes)
        taken.add(label)
    else:
        notes.append("It has no column of labels, so nothing can be said about labels and errors.")
    for ours in ("person", "blendshapes"):
        theirs = next((alias for alias in ALIASES[ours] if alias in table.column_names), None)
        if theirs is not None and theirs not in taken:
            values = table.column(theirs)
            columns[ours] = pa.array(as_words(values.to_pylist()), pa.string()) if ours == "person" else values
            taken.add(theirs)
    split = next((column for column in table.column_names if column.lower() in SPLIT_NAMES), None)
    if split is not None:
        columns["split"] = pa.array(as_words(table.column(split).to_pylist()), pa.string())
        taken.add(split)
    key = next((one for one in _KEYS if one in table.column_names and _is_key(table.column(one))), None)
    if key is not None:
        columns["key"] = pa.array(as_words(table.column(key).to_pylist()), pa.string())
    columns |= {other: table.column(other) for other in table.column_names if other not in taken | set(columns)}
    source = FaceSource(name, pa.table(columns))
    return OpenedSet(source, label_words(source, classes), tuple(notes))


def _labelled(labels: list[Any], classes: Sequence[str] | None, notes: list[str]) -> dict[str, pa.Array]:
    """The columns of our words and of the set's own labels; neither, with a note, if they are of no usable kind."""
    kinds = {type(label) for label in labels if label is not None}
    if not kinds <= {str, int, bool}:
        notes.append("Its labels are neither words nor whole numbers, so it was opened without labels.")
        return {}
    if classes is not None and int in kinds:
        labels = [classes[label] if label is not None and 0 <= label < len(classes) else None for label in labels]
    numbers = bool(kinds) and kinds <= {int, bool} and classes is None
    try:
        ours = expressions_of("", labels if numbers else as_words(labels), None)
    except DataError:  # numbers beyond the usual seven: their meaning has to be told
        ours = [None] * len(labels)
    if numbers and any(ours):
        notes.append("Its labels are numbers without names; they were read in the order of FER2013.")
    return {"expression": pa.array(ours, pa.string()), GIVEN: pa.array(as_words(labels), pa.string())}


def _picture_column(name: str, table: pa.Table) -> str:
    """The column of pictures: by its name, else the first that holds bytes."""
    named = [alias for alias in ALIASES["image"] if alias in table.column_names]
    holding = [field.name for field in table.schema if _holds_bytes(field.type)]
    if found := next(iter([*(one for one in named if one in holding), *holding]), None):
        return found
    if named:
        raise DataError(
            f"The column “{named[0]}” of {name} names files instead of holding pictures; zip the folder with the "
            "pictures and bring that."
        )
    raise DataError(f"{name} has no column of pictures; its columns are {', '.join(table.column_names)}.")


def _pictures(name: str, table: pa.Table) -> pa.Array:
    """The pictures' bytes alone: a path in somebody's file is never followed on this machine."""
    column = table.column(_picture_column(name, table))
    if pa.types.is_struct(column.type):
        column = pc.struct_field(column, "bytes")
    return column.cast(pa.large_binary())


def _holds_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return any(field.name == "bytes" and _holds_bytes(field.type) for field in kind)
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _is_key(column: pa.ChunkedArray) -> bool:
    """Whether every value is there and names one row."""
    if pa.types.is_nested(column.type) or column.null_count:
        return False
    return pc.count_distinct(column).as_py() == len(column)
