"""A face dataset as a sequence of records over an Arrow table; pictures are decoded when a record is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from fer_demo.data.position import without_position
from fer_demo.data.records import FaceRecord
from fer_demo.errors import DataError
from fer_demo.images import load_stored

# Columns of the table that fill a field of the record; every other column becomes an attribute.
_WORDS = ("expression", "person")
_ARRAYS = {"votes": (10,), "landmarks": (68, 2), "points": (5, 2), "head_pose": (3,), "units": (52,)}
_FIELDS = ("image", "key", *_WORDS, *_ARRAYS)


class FaceSource:
    """The records of one dataset.

    The table has a column `image` (bytes, a path, or a struct of both) and may have `key`, `expression` (our words),
    `person`, `votes`, `landmarks`, `points`, `head_pose` and `units`; a missing key is the row's number.
    """

    def __init__(self, name: str, table: pa.Table, rows: np.ndarray | None = None) -> None:
        if "image" not in table.column_names:
            raise DataError(f"{name} has no column “image”; its columns are {', '.join(table.column_names)}.")
        self.name = name
        self._table = table
        self._rows = np.arange(table.num_rows) if rows is None else rows
        self._attributes = tuple(column for column in table.column_names if column not in _FIELDS)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[FaceRecord]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> FaceRecord:
        row = int(self._rows[index])
        return FaceRecord(
            image=self.picture(index),
            source=self.name,
            key=self._key(row),
            expression=self._cell("expression", row),
            person=self._cell("person", row),
            votes=self._array("votes", row),
            landmarks=self._array("landmarks", row),
            points=self._array("points", row),
            head_pose=self._array("head_pose", row),
            units=self._array("units", row),
            attributes={name: self._cell(name, row) for name in self._attributes},
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """What `column` can be asked for beyond the record's own fields: the attributes."""
        return self._attributes

    def column(self, name: str) -> list[Any]:
        """One value per record, without decoding a picture; None where there is none. Arrays come as NumPy arrays.

        Raises: DataError if the dataset has no such column.
        """
        if name == "key":
            return [self._key(int(row)) for row in self._rows]
        if name not in self._table.column_names:
            if name in _FIELDS:
                return [None] * len(self)
            raise DataError(f"{self.name} has no column “{name}”; it has {', '.join(self._table.column_names)}.")
        if name == "image":
            raise DataError("Pictures are decoded one at a time; ask for the records instead of the column “image”.")
        values = self._table.column(name).take(pa.array(self._rows)).to_pylist()
        if name in _ARRAYS:
            return [_shaped(value, _ARRAYS[name]) for value in values]
        return values

    def picture(self, index: int) -> np.ndarray:
        """The picture of one record, (H, W) or (H, W, 3) uint8.

        Raises: ImageError or DataError if it is damaged or missing.
        """
        return load_stored(_stored(self._cell("image", int(self._rows[index]))))

    def picture_file(self, index: int) -> bytes:
        """The picture of one record in the bytes it is stored in, but for the position of its camera.

        Raises: DataError if it is missing.
        """
        stored = _stored(self._cell("image", int(self._rows[index])))
        if isinstance(stored, bytes):
            return without_position(stored)
        try:
            return without_position(stored.read_bytes())
        except OSError as error:
            raise DataError(f"{stored} cannot be opened; put it back, or leave that record out.") from error

    def labels(self) -> pa.Table:
        """Every column but the pictures, row by row as the records come."""
        names = [name for name in self._table.column_names if name != "image"]
        taken = self._table.select(names).take(pa.array(self._rows))
        # `datasets` registers extension types, which other readers of Arrow tables do not know.
        columns = {name: _plain(taken.column(name)) for name in names}
        return pa.table(columns) if columns else pa.table({"key": pa.array(self.column("key"), pa.string())})

    def with_column(self, name: str, values: pa.Array) -> FaceSource:
        """The same records with one column more, or with another one in its place."""
        table = self._table.take(pa.array(self._rows))
        place = table.column_names.index(name) if name in table.column_names else None
        table = table.append_column(name, values) if place is None else table.set_column(place, name, values)
        return FaceSource(self.name, table)

    def select(self, indices: Sequence[int] | np.ndarray) -> FaceSource:
        """The records at these positions, in this order; the pictures are shared, not copied."""
        return FaceSource(self.name, self._table, self._rows[np.asarray(indices, dtype=np.int64)])

    def _cell(self, name: str, row: int) -> Any:
        if name not in self._table.column_names:
            return None
        return self._table.column(name)[row].as_py()

    def _key(self, row: int) -> str:
        key = self._cell("key", row)
        return str(row) if key is None else str(key)

    def _array(self, name: str, row: int) -> np.ndarray | None:
        return _shaped(self._cell(name, row), _ARRAYS[name])


def _shaped(value: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """The numbers of one cell; None if there are none, or others than such a field has."""
    if value is None:
        return None
    try:
        numbers = np.array(value, dtype=np.float32)
        if len(shape) == 1 and not np.isfinite(numbers).all():
            return None  # of points that are no numbers it is told that they form no face
        return numbers.T if numbers.shape == shape[::-1] else numbers.reshape(shape)  # all x, then all y
    except (ValueError, TypeError):
        return None


def _stored(cell: Any) -> bytes | Path:
    if isinstance(cell, dict):
        cell = cell["bytes"] if cell.get("bytes") is not None else cell.get("path")
    if cell is None:
        raise DataError("A record has no picture: its column “image” is empty.")
    return cell if isinstance(cell, bytes) else Path(cell)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not isinstance(column.type, pa.BaseExtensionType):
        return column
    return pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
