"""What the batch commands write: as it comes, or once; what was done before Ctrl-C is kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fer_demo.commands.inputs import say
from fer_demo.errors import DataError
from fer_demo.outputs import csv_lines

WriteRow = Callable[[Sequence[Any]], None]


@contextmanager
def collected(save: Callable[[list[Any]], None]) -> Iterator[list[Any]]:
    """A list that is saved at the end if anything is in it, or when Ctrl-C is pressed."""
    done: list[Any] = []
    try:
        yield done
    except KeyboardInterrupt:
        if done:
            save(done)
            say(f"Stopped; the {len(done):,} that were done are written.")
        raise
    if done:
        save(done)


@contextmanager
def table(path: Path | None, columns: Sequence[str]) -> Iterator[WriteRow]:
    """A CSV file, or stdout, that is written row by row; the columns' names come with the first row.

    The file grows beside its place, as NAME.partial, and is moved there at the end or when anything stops the work.

    Raises: DataError if it cannot be written; what was there before then stays.
    """
    if path is None:
        yield _rows_to(sys.stdout, columns)
        return
    beside = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8", newline="") as file:
            try:
                yield _rows_to(file, columns)
            except KeyboardInterrupt:
                say(f"Stopped; the rows that were done are in {path}.")
                raise
            finally:
                if file.tell():
                    beside.replace(path.resolve())
    except OSError as error:
        raise DataError(
            f"{path} cannot be written ({error.strerror or error}); free some space or choose another place."
        ) from error
    finally:
        beside.unlink(missing_ok=True) if beside.is_file() else None


def _rows_to(file: Any, columns: Sequence[str]) -> WriteRow:
    begun = False

    def write(row: Sequence[Any]) -> None:
        nonlocal begun
        file.write(csv_lines([row] if begun else [columns, row]))
        file.flush()
        begun = True

    return write
