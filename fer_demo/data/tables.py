"""Tables with pictures in them, whoever made them: every column in our words, and what is odd said in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fer_demo.data.label_columns import Labelling, has_label_name, plain, read_labels
from fer_demo.data.limits import check_columns
from fer_demo.data.opened_set import ORIGINAL_LABEL, OpenedSet, label_words
from fer_demo.data.picture_column import with_pictures
from fer_demo.data.sources import FaceSource
from fer_demo.data.table_files import SPLIT_NAMES, tidy, with_class_names
from fer_demo.errors import DataError
from fer_demo.expressions import LABEL_ORDERS, canonical

_KEYS = ("key", "id", "file_name", "filename", "row")
_PEOPLE = ("person", "identity", "subject", "person_id", "identity_id", "subject_id")
_UNITS = ("units", "blendshapes")


def open_table(
    name: str, table: pa.Table, label_column: str | None = None, label_order: str | None = None
) -> OpenedSet:
    """A table with a column of pictures under any name; pictures must be inside it, paths are not followed.

    label_column, label_order: which column holds the labels and how its numbers count, where that cannot be inferred.

    Raises: DataError if it has no rows, no pictures, or no such column or order.
    """
    if not table.num_rows:
        raise DataError(f"{name} has columns but no rows; choose a set with at least one picture.")
    check_columns(name, table.num_columns)
    table = with_class_names(table)
    return labelled(name, with_pictures(name, tidy(table)), label_column, label_order)


def labelled(name: str, table: pa.Table, label_column: str | None = None, label_order: str | None = None) -> OpenedSet:
    """The set of a table whose pictures stand in its column `image` already.

    Raises: DataError if it has no such column or order.
    """
    others = [column for column in table.column_names if plain(column) in (*SPLIT_NAMES, *_PEOPLE)]
    labelling = read_labels(name, table.drop_columns(["image", *others]), label_column, label_order)
    source = FaceSource(name, in_our_words(table, labelling))
    return OpenedSet(source, label_words(source), labelling.notes, labelling, table)


def reread(opened: OpenedSet, label_column: str | None, label_order: str | None) -> OpenedSet:
    """The same table with its labels in another column, or numbered in another order.

    Raises: DataError if there is no such column or order, or the set is not a table.
    """
    if opened.table is None or opened.labelling is None:
        raise DataError(f"{opened.source.name} is not a table, so its labels stand in no column.")
    other = labelled(opened.source.name, opened.table, label_column, label_order)
    others = [note for note in opened.notes if note not in opened.labelling.notes]
    return replace(other, notes=(*others, *other.notes))


def with_corrected_labels(
    opened: OpenedSet, column: str | None, order: str | None, meanings: Sequence[str]
) -> OpenedSet:
    """The set with corrected labels; a meaning is written as label=expression.

    Raises: DataError if the corrections do not fit the set.
    """
    if column is not None or order is not None:
        opened = reread(opened, column, order)
    words = dict(opened.labels)
    for meaning in meanings:
        label, _, expression = meaning.rpartition("=")
        if label not in words:
            raise DataError(f"“{label}” is not a label of {opened.source.name}; it has {', '.join(words) or 'none'}.")
        words[label] = canonical(expression) if expression.strip() else None
    return opened.with_labels(words) if meanings else opened


def source_of(name: str, table: pa.Table) -> FaceSource:
    """The records of a table whose pictures may also be files that it names.

    Raises: DataError if there is no column of pictures, or the labels cannot be understood.
    """
    table = with_class_names(table)
    table = tidy(table)
    try:
        table = with_pictures(name, table)
    except DataError:
        if "image" not in table.column_names:
            raise
    labelling = read_labels(name, table.drop_columns(["image"]))
    if labelling.column is None and has_label_name(table.column_names):
        raise DataError(f"The labels of {name} are neither words nor whole numbers; convert that column first.")
    if labelling.column is not None and not any(labelling.expressions):
        said = ", ".join(list(labelling.meanings)[:5])
        raise DataError(f"The labels of {name} in its column “{labelling.column}” are not expressions: {said}.")
    columns = in_our_words(table, labelling)
    return FaceSource(name, columns.drop_columns([ORIGINAL_LABEL]) if labelling.column is not None else columns)


def in_our_words(table: pa.Table, labelling: Labelling) -> pa.Table:
    """The columns as a FaceSource has them; all others as they came, under a free name."""
    columns: dict[str, Any] = {"image": table.column("image")}
    taken = {"image"}
    if labelling.column is not None:
        columns["expression"] = pa.array(labelling.expressions, pa.string())
        columns[ORIGINAL_LABEL] = pa.array(labelling.originals, pa.string())
        taken.add(labelling.column)
    for ours, aliases in (("person", _PEOPLE), ("split", SPLIT_NAMES), ("units", _UNITS)):
        theirs = _named(table, aliases, taken)
        if theirs is not None:
            values = table.column(theirs)
            columns[ours] = values if ours == "units" else pa.array(as_words(values.to_pylist()), pa.string())
            taken |= {theirs, *(_UNITS if ours == "units" else ())}  # older files hold the units twice
    votes = _votes(table) if "votes" not in table.column_names else None
    if votes is not None:
        columns["votes"] = votes
    key = _named(table, _KEYS, {name for name in table.column_names if not _is_key(name, table.column(name))})
    if key is not None:
        columns["key"] = pa.array(as_words(table.column(key).to_pylist()), pa.string())
        taken |= {key} & {"key"}
    for other in table.column_names:
        if other not in taken:
            # A column of this name that holds no labels is none of ours.
            columns[_free(other, columns | {"expression": None})] = table.column(other)
    return pa.table(columns)


def as_words(values: Sequence[Any]) -> list[str | None]:
    """Anything as text; nothing stays nothing."""
    return [None if value is None else str(value) for value in values]


def _named(table: pa.Table, aliases: Sequence[str], taken: set[str]) -> str | None:
    """The first column that goes by one of these names, in any spelling."""
    names = {plain(name): name for name in reversed(table.column_names) if name not in taken}
    return next((names[alias] for alias in aliases if alias in names), None)


def _votes(table: pa.Table) -> pa.Array | None:
    """FER+ votes as one column, if its ten classes are columns of numbers."""
    order = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "nf")
    assert len(order) == len(LABEL_ORDERS["ferplus"])
    names = {plain(name): name for name in table.column_names}
    if not all(one in names and pa.types.is_integer(table.column(names[one]).type) for one in order):
        return None
    rows = zip(*(table.column(names[one]).to_pylist() for one in order), strict=True)
    return pa.array([list(row) if None not in row else None for row in rows], pa.list_(pa.int64(), len(order)))


def _is_key(name: str, column: pa.ChunkedArray) -> bool:
    """Whether a column is called as keys are, and every value is there and names one row."""
    if plain(name) not in _KEYS or pa.types.is_nested(column.type) or column.null_count:
        return False
    return pc.count_distinct(column).as_py() == len(column)


def _free(name: str, columns: dict[str, Any]) -> str:
    while name in columns:
        name += "_"
    return name
