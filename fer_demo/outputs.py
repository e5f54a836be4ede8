"""Files that are handed over: written beside and moved into place, and with no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from fer_demo.errors import DataError

Content = bytes | str | Callable[[BinaryIO], object]  # text is written as UTF-8; a function fills the open file

_PARTIAL = ".partial"
# A cell, or what a spreadsheet with other separators takes for one, that begins like a formula.
_FORMULA = re.compile(r"(^|[;,\t\r\n])(\s*)(?=[=+\-@＝＋－＠])")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", re.IGNORECASE)


def write_whole(path: Path, content: Content) -> None:
    """Write one file as `write_files` does."""
    write_files({path: content})


def write_files(files: Mapping[Path, Content]) -> None:
    """Write files beside their places and move them there once all are whole: until then the old ones stay.

    Raises: DataError if they cannot be written.
    """
    beside = {path: path.with_name(f".{uuid4().hex}{_PARTIAL}") for path in files}
    path = next(iter(files))
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside[path].open("wb") as file:
                _fill(file, content)
        for path, written in beside.items():
            written.replace(path.resolve())  # where a link points to, as if it had been opened
    except OSError as error:
        reason = error.strerror or "the disk may be full"  # NumPy says only how much it wrote
        raise DataError(
            f"{path} cannot be written ({reason}); what was there before is as it was. Free some space or choose "
            "another place, and run it again."
        ) from error
    finally:
        for written in beside.values():
            with suppress(OSError):
                written.unlink()


def clear_partial(folder: Path) -> None:
    """Remove what a writer that was killed left beside the files of a folder, which nobody else may be writing now."""
    for left in folder.rglob(f".*{_PARTIAL}"):
        left.unlink(missing_ok=True)


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """A ZIP file of files by their names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    """Rows as lines of a CSV file; text that a spreadsheet would run as a formula gets an apostrophe before it."""
    text = io.StringIO()
    lines = ([_safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _fill(file: BinaryIO, content: Content) -> None:
    if callable(content):
        content(file)
    else:
        file.write(content.encode() if isinstance(content, str) else content)


def _safe(text: str) -> str:
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1\2'", text)
