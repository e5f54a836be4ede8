"""Opening what a visitor brings: Parquet files and zipped folders, read in memory; what is odd is said in sentences."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fer_demo.data.columns import (
    ALIASES,
    PICTURE_SUFFIXES,
    as_words,
    class_names,
    columns_of_paths,
    expressions_of,
    split_word,
)
from fer_demo.data.loading import load_folder
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError

GIVEN = "given_label"  # the column that keeps a set's own labels beside our words
MOST_ROWS = 100_000
LARGEST_UNPACKED = 300_000_000  # bytes of an archive's pictures together
LARGEST_PICTURE = 30_000_000
_MOST_LABELS = 60  # a column with more different words names persons or files, not classes
_KEYS = ("key", "id", "file_name", "filename", "row")
_SPLIT_NAMES = ("split", "usage", "subset", "partition", "fold")


@dataclass(frozen=True, eq=False)
class OpenedSet:
    """A dataset as it was opened; what could not be used is said in `notes` and left out."""

    source: FaceSource
    labels: Mapping[str, str | None]  # each of the set's own labels -> our word; empty if it has no labels
    notes: tuple[str, ...] = ()

    def with_labels(self, words: Mapping[str, str | None]) -> OpenedSet:
        """The same set with other meanings of its labels."""
        given = self.source.column(GIVEN)
        meaning = [None if label is None else words.get(label) for label in given]
        return OpenedSet(self.source.with_column("expression", pa.array(meaning, pa.string())), words, self.notes)


def open_upload(name: str, content: bytes) -> OpenedSet:
    """A Parquet file, or a ZIP of a folder of pictures or of Parquet files; its kind is told by its first bytes.

    Raises: DataError with one sentence if nothing of it can be used.
    """
    if content[:4] == b"PAR1":
        return open_table(Path(name).stem, _parquet(name, content))
    if content[:2] == b"PK":
        return _open_zip(name, content)
    raise DataError(f"{name} is neither a Parquet file nor a ZIP of a folder with pictures; bring one of the two.")


def open_path(path: Path) -> OpenedSet:
    """A file as above, or a folder of pictures or of Parquet files, on the machine of whoever runs this.

    Raises: DataError with one sentence if nothing of it can be used.
    """
    tables = sorted(path.glob("*.parquet")) if path.is_dir() else []
    if tables:
        return open_table(path.name, _together({file.name: file.read_bytes() for file in tables}))
    if path.is_dir():
        source = load_folder(path)
        folders = [_label_folder(PurePosixPath(key)) for key in source.column("key")]
        source = source.with_column(GIVEN, pa.array(folders, pa.string())) if any(folders) else source
        return OpenedSet(source, label_words(source))
    if not path.is_file():
        raise DataError(f"There is nothing at {path}; name a folder, a Parquet file or a ZIP.")
    return open_upload(path.name, path.read_bytes())


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
    split = next((column for column in table.column_names if column.lower() in _SPLIT_NAMES), None)
    if split is not None:
        columns["split"] = pa.array(as_words(table.column(split).to_pylist()), pa.string())
        taken.add(split)
    key = next((one for one in _KEYS if one in table.column_names and _is_key(table.column(one))), None)
    if key is not None:
        columns["key"] = pa.array(as_words(table.column(key).to_pylist()), pa.string())
    columns |= {other: table.column(other) for other in table.column_names if other not in taken | set(columns)}
    source = FaceSource(name, pa.table(columns))
    return OpenedSet(source, label_words(source, classes), tuple(notes))


def label_words(source: FaceSource, classes: Sequence[str] | None = None) -> dict[str, str | None]:
    """Our word for each of a set's own labels, in the order of the classes if they are known, else of the alphabet."""
    if GIVEN not in source.columns:
        return {}
    pairs = set(zip(source.column(GIVEN), source.column("expression"), strict=True))
    found = {given: ours for given, ours in pairs if given is not None}
    order = {given: place for place, given in enumerate(classes or ())}
    return {given: found[given] for given in sorted(found, key=lambda given: (order.get(given, len(order)), given))}


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


def _parquet(name: str, content: bytes) -> pa.Table:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        unpacked = sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups))
        _check_size(name, file.metadata.num_rows, unpacked)
        return file.read()
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name} is damaged or is not a Parquet file; write it again.") from error


def _open_zip(name: str, content: bytes) -> OpenedSet:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [one for one in archive.infolist() if not one.is_dir() and _is_wanted(PurePosixPath(one.filename))]
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise DataError(f"{name} is damaged or is not a ZIP archive; zip the folder again.") from error
    pictures = [one for one in members if one.filename.lower().endswith(PICTURE_SUFFIXES)]
    tables = [one for one in members if one.filename.lower().endswith(".parquet")]
    _check_size(name, len(pictures), sum(one.file_size for one in pictures or tables))
    if not pictures and tables:
        files = {one.filename: _member(archive, one, LARGEST_UNPACKED) or b"" for one in tables}
        return open_table(Path(name).stem, _together(files))
    if not pictures:
        raise DataError(f"{name} holds no pictures; zip a folder with {', '.join(PICTURE_SUFFIXES)} files.")
    pictures.sort(key=lambda one: one.filename)
    contents = [_member(archive, one) for one in pictures]
    left_out = len(members) - len(pictures)
    notes = [f"Files that are no pictures were left out: {left_out:,}."] if left_out else []
    return _of_pictures(Path(name).stem, [PurePosixPath(one.filename) for one in pictures], contents, notes)


def _of_pictures(
    name: str, paths: Sequence[PurePosixPath], contents: Sequence[bytes | None], notes: Sequence[str]
) -> OpenedSet:
    columns = columns_of_paths(paths)
    folders = [_label_folder(path) for path in paths]
    if len(set(folders)) <= _MOST_LABELS and any(folders):
        columns[GIVEN] = folders
        columns.setdefault("expression", [None] * len(paths))
    table = {
        "image": pa.array(contents, pa.large_binary()),
        "key": pa.array([str(path) for path in paths], pa.string()),
        **{column: pa.array(values, pa.string()) for column, values in columns.items()},
    }
    source = FaceSource(name, pa.table(table))
    return OpenedSet(source, label_words(source), tuple(notes))


def _label_folder(path: PurePosixPath) -> str | None:
    """The folder a picture lies in, unless it only names a split."""
    name = path.parent.name
    return name if name and split_word(name) is None else None


def _is_wanted(path: PurePosixPath) -> bool:
    """Not what file managers leave behind."""
    return not any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, largest: int = LARGEST_PICTURE) -> bytes | None:
    """A file's bytes; None if it is damaged, encrypted or larger than it may be, and so a picture that is missing."""
    try:
        with archive.open(member) as file:
            content = file.read(largest + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError):
        return None
    return content if len(content) <= largest else None


def _together(files: Mapping[str, bytes]) -> pa.Table:
    parts = [_with_split(_parquet(name, content), name) for name, content in files.items()]
    return pa.concat_tables(parts, promote_options="permissive")


def _with_split(table: pa.Table, filename: str) -> pa.Table:
    """A file named after a split says which one its rows belong to."""
    split = split_word(PurePosixPath(filename).stem.split("-")[0])
    if split is None or any(column.lower() in _SPLIT_NAMES for column in table.column_names):
        return table
    return table.append_column("split", pa.array([split] * table.num_rows, pa.string()))


def _check_size(name: str, rows: int, unpacked: int) -> None:
    if rows > MOST_ROWS:
        raise DataError(f"{name} has {rows:,} rows, and {MOST_ROWS:,} is the most we open here; bring a part of it.")
    if unpacked > LARGEST_UNPACKED:
        raise DataError(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB, and {LARGEST_UNPACKED / 1e6:,.0f} is the most we open here; "
            "bring a part of it."
        )
