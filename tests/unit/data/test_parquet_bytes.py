"""A Parquet file of a few kilobytes that stands for gigabytes is refused in a sentence, and costs the app no memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_demo.bounded import Bounded
from fer_demo.data import parquet_bytes
from fer_demo.data.opening import open_upload
from fer_demo.data.parquet_bytes import read_parquet
from fer_demo.errors import DataError

Png = Callable[..., bytes]
ROWS, VALUE = 1_500, 200_000  # 300 MB


@pytest.fixture(autouse=True, scope="module")
def small_reader() -> Iterator[None]:
    """A process that may have less memory, so that small bombs are enough."""
    reader = Bounded(parquet_bytes.__name__, 60, 200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_bytes, "_reader", reader)
        yield
    reader.close()


def repeated(value: Any, rows: int = ROWS) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([value]))


def parquet(store_schema: bool = True, **columns: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, compression="zstd", store_schema=store_schema)
    return buffer.getvalue()


def text_of_one_value(png: Png) -> bytes:
    return parquet(False, image=repeated(png()), note=repeated("x" * VALUE))


def picture_of_one_value(png: Png) -> bytes:
    return parquet(False, image=repeated(png() + bytes(VALUE)))


def dictionary_that_stays_one(png: Png) -> bytes:
    return parquet(image=repeated(png() + bytes(VALUE)))


def prefixes(png: Png) -> bytes:
    """Each value is the one before and one letter more, which DELTA_BYTE_ARRAY writes as that letter."""
    buffer = io.BytesIO()
    table = pa.table({"image": [png()] * ROWS, "note": ["x" * VALUE] * ROWS})
    options = {"use_dictionary": False, "column_encoding": {"note": "DELTA_BYTE_ARRAY"}, "write_batch_size": 64}
    pq.write_table(table, buffer, compression="zstd", **options)
    return buffer.getvalue()


def runs_in_lists(png: Png) -> bytes:
    many = pa.ListArray.from_arrays([0, 20_000_000], pa.nulls(20_000_000, pa.float64()))
    return parquet(image=[png()], code=many)


@pytest.mark.parametrize(
    "bomb", [text_of_one_value, picture_of_one_value, dictionary_that_stays_one, prefixes, runs_in_lists]
)
def test_what_unpacks_to_gigabytes_is_refused(png: Png, bomb: Callable[[Png], bytes]) -> None:
    content = bomb(png)
    assert len(content) < 100_000
    with pytest.raises(DataError, match=r"unpacks to .*300.* the most we open here; bring a part of it\."):
        open_upload("bomb.parquet", content)


def test_the_next_file_is_read_all_the_same(png: Png) -> None:
    with pytest.raises(DataError):
        read_parquet("bomb.parquet", text_of_one_value(png))
    table = read_parquet("faces.parquet", parquet(image=[png()], label=repeated("happy", 1)))
    assert table.to_pylist() == [{"image": png(), "label": "happy"}]


def test_dictionaries_are_written_out_wherever_they_are() -> None:
    kind = pa.dictionary(pa.int32(), pa.string())
    cells = [{"a": "x", "b": ["y", "y"]}, {"a": "x", "b": []}]
    table = pa.table({"cell": pa.array(cells, pa.struct({"a": kind, "b": pa.list_(kind)}))})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    found = read_parquet("one.parquet", buffer.getvalue())
    assert found.schema.field("cell").type == pa.struct({"a": pa.string(), "b": pa.list_(pa.string())})
    assert found.column("cell").to_pylist() == cells


def test_a_damaged_file_is_said_to_be_damaged(png: Png) -> None:
    content = bytearray(parquet(image=[png()] * 50, note=[f"{number}" for number in range(50)]))
    content[20:200] = bytes(180)
    for broken in (bytes(content), bytes(content[:-20]), b"PAR1PAR1"):
        with pytest.raises(DataError, match="is damaged or is not a Parquet file"):
            read_parquet("broken.parquet", broken)


def test_a_wide_table_is_refused_in_any_form(png: Png) -> None:
    names = [f"c{number}" for number in range(2_000)]
    with pytest.raises(DataError, match=r"has 2,001 columns, and 2,000 is the most we open here"):
        open_upload("wide.parquet", parquet(image=[png()], **{name: [1] for name in names}))
    with pytest.raises(DataError, match=r"has 2,001 columns"):
        open_upload("wide.csv", (",".join(["image", *names]) + "\n" + "1," * 2_000 + "1\n").encode())
