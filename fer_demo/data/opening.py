"""Opening what a visitor brings: Parquet files and zipped folders, read in memory; what is odd is said in sentences."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pyarrow as pa

from fer_demo.data.columns import PICTURE_SUFFIXES, columns_of_paths, split_word
from fer_demo.data.limits import LARGEST_PICTURE, LARGEST_TEXT, check_size
from fer_demo.data.loading import load_folder
from fer_demo.data.opened_set import GIVEN, OpenedSet, label_words
from fer_demo.data.sources import FaceSource
from fer_demo.data.table_files import TABLE_SUFFIXES, is_text_table, read_table, together
from fer_demo.data.tables import open_table
from fer_demo.errors import DataError

_MOST_LABELS = 60  # a column with more different words names persons or files, not classes


def open_upload(name: str, content: bytes) -> OpenedSet:
    """A table (Parquet, CSV), or a ZIP of a folder of pictures or of tables; its kind is told by its first bytes.

    Raises: DataError with one sentence if nothing of it can be used.
    """
    if content[:4] == b"PAR1" or (content[:2] != b"PK" and is_text_table(name, content)):
        return open_table(Path(name).stem, read_table(name, content))
    if content[:2] == b"PK":
        return _open_zip(name, content)
    raise DataError(
        f"{name} is neither a Parquet file nor a ZIP of a folder with pictures, nor a CSV with the pictures inside; "
        "bring one of these."
    )


def open_path(path: Path) -> OpenedSet:
    """A file as above, or a folder of pictures or of Parquet files, on the machine of whoever runs this.

    Raises: DataError with one sentence if nothing of it can be used.
    """
    if tables := _tables_in(path):
        return _of_tables(path.name, {file.name: file.read_bytes() for file in tables})
    if path.is_dir():
        source = load_folder(path)
        folders = [_label_folder(PurePosixPath(key)) for key in source.column("key")]
        source = source.with_column(GIVEN, pa.array(folders, pa.string())) if any(folders) else source
        return OpenedSet(source, label_words(source))
    if not path.is_file():
        raise DataError(f"There is nothing at {path}; name a folder, a Parquet file or a ZIP.")
    return open_upload(path.name, path.read_bytes())


def _tables_in(path: Path) -> list[Path]:
    """The Parquet files in a folder; or, where no pictures lie below it, its tables in text."""
    found = sorted(path.glob("*.parquet"))
    if found or any(file.suffix.lower() in PICTURE_SUFFIXES for file in path.rglob("*")):
        return found
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in TABLE_SUFFIXES and file.is_file())


def _open_zip(name: str, content: bytes) -> OpenedSet:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [one for one in archive.infolist() if not one.is_dir() and _is_wanted(PurePosixPath(one.filename))]
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise DataError(f"{name} is damaged or is not a ZIP archive; zip the folder again.") from error
    pictures = [one for one in members if one.filename.lower().endswith(PICTURE_SUFFIXES)]
    tables = [one for one in members if one.filename.lower().endswith(TABLE_SUFFIXES)]
    if not pictures and tables:
        check_size(name, 0, sum(one.file_size for one in tables), LARGEST_TEXT)
        files = {one.filename: _member(archive, one, LARGEST_TEXT) or b"" for one in tables}
        return _of_tables(Path(name).stem, files)
    check_size(name, len(pictures), sum(one.file_size for one in pictures))
    if not pictures:
        raise DataError(f"{name} holds no pictures; zip a folder with {', '.join(PICTURE_SUFFIXES)} files.")
    pictures.sort(key=lambda one: one.filename)
    contents = [_member(archive, one) for one in pictures]
    left_out = len(members) - len(pictures)
    notes = [f"Files that are no pictures were left out: {left_out:,}."] if left_out else []
    return _of_pictures(Path(name).stem, [PurePosixPath(one.filename) for one in pictures], contents, notes)


def _of_tables(name: str, files: Mapping[str, bytes]) -> OpenedSet:
    table, notes = together(files)
    opened = open_table(name, table)
    return replace(opened, notes=(*opened.notes, *notes))


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
