"""Parquet files that strangers bring: unpacked in a process of its own, for a few bytes can stand for gigabytes."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from fer_demo.bounded import Bounded, Bytes, TooLargeError, TooLongError
from fer_demo.data.limits import LARGEST_UNPACKED, READING_MEGABYTES, READING_SECONDS, check_columns, check_size
from fer_demo.errors import DataError

_DAMAGED = "is damaged or is not a Parquet file; write it again."
_reader = Bounded(__name__, READING_SECONDS, READING_MEGABYTES)


def read_parquet(name: str, content: bytes) -> pa.Table:
    """The whole table of one file, dictionaries written out.

    Raises: DataError if it is damaged, too large, or takes too long.
    """
    try:
        about = pq.ParquetFile(pa.BufferReader(content)).metadata
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name} {_DAMAGED}") from error
    # What the file says of itself comes first; that it may lie is why another process reads it.
    check_size(
        name, about.num_rows, sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    )
    check_columns(name, about.num_columns)
    try:
        (stream,) = _reader.ask(name.encode("utf-8", "replace"), content)
    except TooLargeError:
        raise DataError(
            f"{name} unpacks to more than {LARGEST_UNPACKED / 1e6:,.0f} MB, the most we open here; bring a part of it."
        ) from None
    except TooLongError:
        raise DataError(f"{name} takes more than {READING_SECONDS} seconds to read; bring a part of it.") from None
    table = pa.ipc.open_stream(stream).read_all()
    check_size(name, table.num_rows, table.nbytes)
    return table


def answer(name: bytearray, content: bytearray) -> list[Bytes]:
    """The reader's side: the table as a stream of Arrow's."""
    try:
        table = _written_out(pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False))
    except MemoryError:  # Arrow's own is one of its errors too
        raise
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name.decode()} {_DAMAGED}") from error
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return [memoryview(sink.getvalue())]


def _written_out(table: pa.Table) -> pa.Table:
    """Without dictionaries, wherever in a column they are: each value takes its room here rather than later."""
    for place, field in enumerate(table.schema):
        plain = _plain(field.type)
        if plain != field.type:
            table = table.set_column(place, field.with_type(plain), table.column(place).cast(plain))
    return table


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_struct(kind):
        return pa.struct([part.with_type(_plain(part.type)) for part in kind])
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_plain(kind.value_type)))
    if pa.types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_plain(kind.value_type)))
    return kind
