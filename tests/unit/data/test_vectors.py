"""Vectors go into a column as fp16 and come back as float32."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from fer_demo.data.vectors import vector_column, vectors
from fer_demo.errors import DataError

VALUES = np.array([[0.5, -2.0, 3.25], [0.0, 1024.0, -0.125]], np.float32)  # exact in fp16


def test_vectors_come_back_as_they_were_and_cannot_be_changed() -> None:
    halves = vector_column(VALUES, "codes")
    again = vectors(pa.chunked_array([halves[:1], halves[1:]]))
    assert again.dtype == np.float32
    assert (again == VALUES).all()
    with pytest.raises(ValueError, match="read-only"):
        again[0, 0] = 1


def test_lists_of_any_length_are_vectors_too() -> None:
    column = vector_column(VALUES, "codes").cast(pa.list_(pa.float16()))
    padded = pa.chunked_array([column, pa.nulls(3, column.type)])
    assert (vectors(padded.drop_null()) == VALUES).all()


def test_numbers_beyond_fp16_are_refused() -> None:
    with pytest.raises(DataError, match="identity codes are too large"):
        vector_column(VALUES * 1e3, "identity codes")
