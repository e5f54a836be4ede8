"""Other people's columns and labels in our words: which column is which, and what its labels mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePath
from typing import Any

import pyarrow as pa

from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError
from fer_demo.expressions import canonical, from_label

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
# Other people's names for our columns, the likeliest first.
ALIASES = {
    "image": ("image", "img"),
    "expression": ("expression", "label", "labels", "emotion"),
    "person": ("person", "identity", "subject"),
    "blendshapes": ("blendshapes", "units"),
}
_SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "public_test", "publictest", "private_test", "privatetest", "public", "private"),
}


def source_of(name: str, table: pa.Table) -> FaceSource:
    """A source over a table whose columns go by anybody's names and whose labels are of any kind.

    Raises: DataError if there is no column of pictures, or the labels cannot be understood.
    """
    names = list(table.column_names)
    found = {}
    for ours, aliases in ALIASES.items():
        theirs = next((alias for alias in aliases if alias in names), None)
        if theirs is not None:
            found[ours] = theirs
    if "image" not in found:
        raise DataError(f"{name} has no column of pictures called “image”; its columns are {', '.join(names)}.")
    classes = class_names(table, found["expression"]) if "expression" in found else None
    table = table.rename_columns([next((ours for ours in found if found[ours] == theirs), theirs) for theirs in names])
    if "expression" in found:
        labels = table.column("expression").to_pylist()
        table = with_words(table, "expression", expressions_of(name, labels, classes))
    if "person" in found:
        table = with_words(table, "person", as_words(table.column("person").to_pylist()))
    return FaceSource(name, table)


def with_words(table: pa.Table, column: str, words: Sequence[str | None]) -> pa.Table:
    """The table with these words in a column it has."""
    return table.set_column(table.column_names.index(column), column, pa.array(words, pa.string()))


def as_words(values: Sequence[Any]) -> list[str | None]:
    """Anything as text; nothing stays nothing."""
    return [None if value is None else str(value) for value in values]


def expressions_of(source: str, labels: Sequence[Any], classes: Sequence[str] | None) -> list[str | None]:
    """Our words for a column of labels, each kind of label translated once.

    Raises: DataError if the labels are neither words nor whole numbers, or numbers of no known order.
    """
    kinds = {label for label in labels if label is not None}
    translate: Callable[[Any], str | None]
    if all(isinstance(label, str) for label in kinds):
        translate = word
    elif not all(isinstance(label, int) for label in kinds):
        raise DataError(f"The labels of {source} are neither words nor whole numbers; convert that column first.")
    elif classes is not None:
        translate = dict(enumerate(word(name) for name in classes)).get
    else:
        translate = partial(from_label, "fer2013")
    words = {label: translate(label) for label in kinds}
    return [None if label is None else words[label] for label in labels]


def word(label: str) -> str | None:
    """Our word for a label, None if it names no expression ("unknown", or a class of another kind)."""
    try:
        return canonical(label)
    except DataError:
        return None


def split_word(name: str) -> str | None:
    """train, validation or test, as the name of a folder, file or split says; None if it names none of them."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    return next((ours for ours, theirs in _SPLITS.items() if plain in theirs), None)


def class_names(table: pa.Table, column: str) -> list[str] | None:
    """The names of a column's integer labels, if `datasets` stored them in the table's metadata."""
    metadata = (table.schema.metadata or {}).get(b"huggingface")
    if metadata is None:
        return None
    try:
        return json.loads(metadata)["info"]["features"][column].get("names")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def columns_of_paths(paths: Sequence[PurePath]) -> dict[str, list[str | None]]:
    """What the folders that pictures lie in say about them: `expression` or `person`, and `split` if any names one.

    The folder a picture lies in names its expression if most of the folders' names are expressions, else its person.
    """
    folders = [path.parent.name or None for path in paths]
    words = {folder: word(folder) for folder in set(folders) if folder is not None}
    are_expressions = 2 * sum(known is not None for known in words.values()) > len(words)
    columns: dict[str, list[str | None]] = {}
    if are_expressions:
        columns["expression"] = [None if folder is None else words[folder] for folder in folders]
    else:
        columns["person"] = [folder if folder is None or split_word(folder) is None else None for folder in folders]
    splits = [next((known for part in path.parent.parts if (known := split_word(part))), None) for path in paths]
    if any(splits):
        columns["split"] = splits
    return columns
