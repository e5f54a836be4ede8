"""Files are written whole or not at all, and tables hold nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_demo.errors import DataError
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.outputs import csv_lines, write_files, write_whole

WRITERS: dict[str, Callable[[BinaryIO], object]] = {
    "np.save": lambda file: np.save(file, np.zeros(100_000)),
    "np.savez": lambda file: np.savez(file, identity=np.zeros(100_000)),
    "parquet": lambda file: pq.write_table(pa.table({"x": np.random.default_rng(0).random(100_000)}), file),
    "bytes": lambda file: file.write(bytes(800_000)),
}


@pytest.fixture
def full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose disk takes no more once a file has 100 kB."""
    real = Path.open

    def opened(self: Path, mode: str = "r", *arguments: object, **options: object) -> object:
        file = real(self, mode, *arguments, **options)  # type: ignore[call-overload]
        return FillingFile(file) if "w" in mode and self.is_relative_to(tmp_path) else file

    monkeypatch.setattr(Path, "open", opened)
    return tmp_path


class FillingFile(io.RawIOBase):
    """A file on a disk with 100 kB left."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def write(self, content: object, /) -> int:
        if self._file.tell() + memoryview(content).nbytes > 100_000:  # type: ignore[arg-type]
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._file.write(content)  # type: ignore[arg-type]

    def close(self) -> None:
        self._file.close()
        super().close()


@pytest.mark.parametrize("kind", WRITERS)
def test_a_full_disk_leaves_the_old_file_and_no_other(full_disk: Path, kind: str) -> None:
    path = full_disk / "answers"
    path.write_bytes(b"the old answers")
    with pytest.raises(DataError, match=r"answers cannot be written \(No space left"):
        write_whole(path, WRITERS[kind])
    assert path.read_bytes() == b"the old answers"
    assert list(full_disk.iterdir()) == [path]


def test_of_several_files_none_is_replaced_when_the_last_does_not_fit(full_disk: Path) -> None:
    small, large = full_disk / "config.json", full_disk / "weights"
    small.write_bytes(b"old")
    with pytest.raises(DataError, match="weights cannot be written"):
        write_files({small: "new", large: bytes(200_000)})
    assert small.read_text() == "old"
    assert list(full_disk.iterdir()) == [small]


def test_a_checkpoint_on_a_full_disk_stays_the_old_one_as_a_whole(full_disk: Path) -> None:
    ExpressionClassifier(ExpressionClassifierConfig(size=16, stem=4, widths=(4, 4), blocks=(1, 1))).save(full_disk)
    before = {path.name: path.read_bytes() for path in full_disk.iterdir()}
    with pytest.raises(DataError, match="cannot be written"):
        ExpressionClassifier(ExpressionClassifierConfig(size=32, stem=64, widths=(64, 64), blocks=(1, 1))).save(
            full_disk
        )
    assert {path.name: path.read_bytes() for path in full_disk.iterdir()} == before


def test_a_file_is_written_with_its_folder_and_through_a_link(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b.txt", "ä")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "a" / "b.txt")
    write_whole(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"new"
    with pytest.raises(DataError, match="cannot be written"):
        write_whole(tmp_path / "a" / "b.txt" / "below a file", b"")


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1+1", "  =1+1", "\r=1", "＝1+1", 'a";=1+1', "a,=1+1"],
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(cell: str) -> None:
    line = csv_lines([[cell, "0"]])
    for separator in (",", ";"):
        for read in next(csv.reader(io.StringIO(line, newline=""), delimiter=separator)):
            assert read.strip()[:1] not in ("=", "+", "@", "＝")
            assert not read.strip().startswith("-2+")


def test_numbers_and_plain_words_stay_as_they_are() -> None:
    row = ["-0.5", "+1e-3", "photo-1.png", "3 - 2", "a=b", "happy", "", "it's", "x; y"]
    assert next(csv.reader(io.StringIO(csv_lines([row])))) == row
    assert csv_lines([[-1, 2.5, None, True]]) == "-1,2.5,,True\n"
