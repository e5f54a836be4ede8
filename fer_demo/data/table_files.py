"""Files that hold tables, read in memory and joined."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from fer_demo.data.columns import split_word
from fer_demo.data.limits import check_size
from fer_demo.errors import DataError

SPLIT_NAMES = ("split", "usage", "subset", "partition", "fold")


def read_parquet(name: str, content: bytes) -> pa.Table:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        unpacked = sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups))
        check_size(name, file.metadata.num_rows, unpacked)
        return file.read()
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name} is damaged or is not a Parquet file; write it again.") from error


def together(files: Mapping[str, bytes]) -> pa.Table:
    parts = [_with_split(read_parquet(name, content), name) for name, content in files.items()]
    return pa.concat_tables(parts, promote_options="permissive")


def _with_split(table: pa.Table, filename: str) -> pa.Table:
    """A file named after a split says which one its rows belong to."""
    split = split_word(PurePosixPath(filename).stem.split("-")[0])
    if split is None or any(column.lower() in SPLIT_NAMES for column in table.column_names):
        return table
    return table.append_column("split", pa.array([split] * table.num_rows, pa.string()))
