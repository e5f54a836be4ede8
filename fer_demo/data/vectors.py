"""Vectors as a column of a Parquet file: fp16 on disk, float32 in memory."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from fer_demo.errors import DataError


def vector_column(values: np.ndarray, what: str) -> pa.FixedSizeListArray:
    """(N, D) numbers as a column.

    Raises: DataError if fp16 cannot hold one of the `what`.
    """
    with np.errstate(over="ignore"):
        halves = values.astype(np.float16)
    if not np.isfinite(halves).all():
        raise DataError(f"The {what} are too large for fp16, so they cannot be kept; train the model again.")
    return pa.FixedSizeListArray.from_arrays(pa.array(halves.reshape(-1)), values.shape[1])


def vectors(column: pa.ChunkedArray) -> np.ndarray:
    """A column of at least one vector as (N, D) float32, shared by all visitors and therefore read-only."""
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    values = flat.astype(np.float32).reshape(len(column), -1)
    values.setflags(write=False)
    return values
