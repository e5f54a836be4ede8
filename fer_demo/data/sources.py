"""A face dataset as a sequence of records over an Arrow table; pictures are decoded when a record is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from fer_demo.data.records import FaceRecord
from fer_demo.errors import DataError
from fer_demo.images import load_stored

# Columns of the table that fill a field of the record; every other column becomes an attribute.
_WORDS = ("expression", "person")
_ARRAYS = {"votes": (10,), "landmarks": (68, 2), "head_pose": (3,), "blendshapes": (52,)}
_FIELDS = ("image", "key", *_WORDS, *_ARRAYS)


class FaceSource:
    """The records of one dataset.

    The table has a column `image` (bytes, a path, or a struct of both) and may have `key`, `expression` (our words),
    `person`, `votes`, `landmarks`, `head_pose` and `blendshapes`; a missing key is the row's number.
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
            image=_decode(self._cell("image", row)),
            source=self.name,
            key=self._key(row),
            expression=self._cell("expression", row),
            person=self._cell("person", row),
            votes=self._array("votes", row),
            landmarks=self._array("landmarks", row),
            head_pose=self._array("head_pose", row),
            blendshapes=self._array("blendshapes", row),
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
            return [None if value is None else np.array(value, np.float32).reshape(_ARRAYS[name]) for value in values]
        return values

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
        value = self._cell(name, row)
        return None if value is None else np.array(value, dtype=np.float32).reshape(_ARRAYS[name])


def _decode(cell: Any) -> np.ndarray:
    if isinstance(cell, dict):
        cell = cell["bytes"] if cell.get("bytes") is not None else cell.get("path")
    if cell is None:
        raise DataError("A record has no picture: its column “image” is empty.")
    return load_stored(cell if isinstance(cell, bytes) else Path(cell))
