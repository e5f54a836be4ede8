"""Pictures in the cells of a table, in any form that people store them in, as the bytes of picture files."""

from __future__ import annotations

import base64
import binascii
import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image, UnidentifiedImageError

_PROBED = 8  # cells that are looked at to tell the form of a column
_SMALLEST = 16  # pixels each way


def picture_bytes(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The column's pictures as files (large_binary); None if it holds none. Paths are never followed.

    Forms: bytes of any Arrow kind, a struct of bytes and path, base64, arrays of numbers, the pixels in words, raw
    pixels.
    """
    column = _storage(column)
    kind = column.type
    if pa.types.is_dictionary(kind):
        return picture_bytes(column.cast(kind.value_type))
    if pa.types.is_struct(kind):
        inside = [part.name for part in kind if _is_binary(part.type)]
        name = "bytes" if "bytes" in inside else inside[0] if len(inside) == 1 else None
        return None if name is None else picture_bytes(pc.struct_field(column, name))
    if _is_binary(kind):
        return _of_bytes(_large_binary(column))
    if _is_text(kind):
        return _of_text(column)
    if _is_list(kind):
        return _of_arrays(column)
    return None


def is_picture(content: bytes) -> bool:
    """Whether bytes begin like a picture file."""
    try:
        with Image.open(io.BytesIO(content)):
            return True
    except UnidentifiedImageError:
        return False
    except Exception:  # PIL's readers raise nearly anything on a damaged picture, but it is one
        return True


def looks_like_pictures(column: pa.ChunkedArray) -> bool:
    """Whether any of the first cells of such a column is a picture."""
    return any(is_picture(content) for content in _first(column))


def may_be_pictures(kind: pa.DataType) -> bool:
    """Whether a column of this type may hold pictures whatever it is called; a list of numbers is rather a code."""
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    return not _is_list(kind) or _is_list(kind.value_type)


def _of_bytes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Files as they are; squares of raw pixels as files."""
    first = _first(column)
    sides = {_square(len(content)) for content in first}
    if len(sides) != 1 or None in sides or any(is_picture(content) for content in first):
        return column
    side, channels = next(one for one in sides if one is not None)
    shape = (side, side) if channels == 1 else (side, side, channels)
    size = math.prod(shape)

    def draw(content: bytes) -> bytes:
        return _png(np.frombuffer(content, np.uint8).reshape(shape)) if len(content) == size else content

    return _map(column, draw)


def _of_text(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Base64, or the grey levels as words with spaces between them; a path is neither."""
    first = _first(column)
    for read in (_from_levels, _from_base64):
        found = [read(text) for text in first]
        if any(content is not None and is_picture(content) for content in found):
            return _map(column, read)
    return None


def _from_levels(text: str) -> bytes | None:
    if not text[:12].strip("[ ").split(" ")[0].strip(",").isdecimal():
        return None
    levels = text.replace(",", " ").strip("[] \r\n")
    if not levels.replace(" ", "").isdecimal():
        return None
    return _drawn(np.fromstring(levels, np.int64, sep=" "))


def _from_base64(text: str) -> bytes | None:
    text = text.partition("base64,")[2] if text.startswith("data:") else text
    if len(text) < 64:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        try:
            return base64.urlsafe_b64decode("".join(text.split()))
        except (binascii.Error, ValueError):
            return None


def _of_arrays(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Nested lists of numbers; fractions from 0 to 1 and whole grey levels are told apart by the first pictures."""
    inner = column.type
    while _is_list(inner):
        inner = inner.value_type
    if not (pa.types.is_integer(inner) or pa.types.is_floating(inner)):
        return None
    arrays = [array for cell in _first(column) if (array := _array(cell)) is not None]
    if not any(_drawn(array) for array in arrays):
        return None
    fractions = all(np.nanmax(array, initial=0) <= 1 for array in arrays) and pa.types.is_floating(inner)
    scale = 255.0 if fractions else 1.0

    def draw(cell: Any) -> bytes | None:
        array = _array(cell)
        return None if array is None else _drawn(array * scale)

    return _map(column, draw)


def _array(cell: Any) -> np.ndarray | None:
    try:
        return np.array(cell, np.float64)
    except (ValueError, TypeError):  # rows of different lengths, or no numbers
        return None


def _drawn(values: np.ndarray) -> bytes | None:
    """Numbers as a picture: (H, W), channels first or last, or the pixels of a square one after another."""
    if values.ndim == 1:
        square = _square(len(values))
        if square is None:
            return None
        side, channels = square
        values = values.reshape((side, side) if channels == 1 else (side, side, channels))
    if values.ndim == 3 and values.shape[0] in (1, 3) and values.shape[2] not in (1, 3):
        values = np.moveaxis(values, 0, -1)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)):
        return None
    if min(values.shape[:2]) < _SMALLEST or not np.isfinite(values).all():
        return None
    return _png(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _square(count: int) -> tuple[int, int] | None:
    """Side and channels of a square picture of so many numbers."""
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        if side >= _SMALLEST and side * side * channels == count:
            return side, channels
    return None


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()


def _map(column: pa.ChunkedArray, draw: Callable[[Any], bytes | None]) -> pa.ChunkedArray:
    """Every cell drawn; chunk by chunk, so that the cells of a large set are not all Python's at once."""
    parts = (chunk.slice(start, 1000) for chunk in column.chunks for start in range(0, len(chunk), 1000))
    drawn = ([None if cell is None else draw(cell) for cell in part.to_pylist()] for part in parts)
    return pa.chunked_array([pa.array(pictures, pa.large_binary()) for pictures in drawn], pa.large_binary())


def _first(column: pa.ChunkedArray) -> list[Any]:
    """The first cells that are not empty."""
    found: list[Any] = []
    for cell in column:
        if len(found) == _PROBED:
            break
        if cell.is_valid and (value := cell.as_py()):
            found.append(value)
    return found


def _storage(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The plain values of an extension type, such as the arrays of `datasets`."""
    if not isinstance(column.type, pa.BaseExtensionType):
        return column
    if isinstance(column.type, pa.FixedShapeTensorType):
        arrays = [_tensors(chunk) for chunk in column.chunks]
        return pa.chunked_array(arrays)
    return pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)


def _tensors(chunk: Any) -> pa.Array:
    """Tensors of one shape as nested lists."""
    values = pa.array(chunk.to_numpy_ndarray().ravel())
    for length in reversed(chunk.type.shape):
        values = pa.FixedSizeListArray.from_arrays(values, length)
    return values


def _large_binary(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_fixed_size_binary(column.type):
        column = column.cast(pa.binary())
    return column.cast(pa.large_binary())


def _is_binary(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary)
    return any(test(kind) for test in tests)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_list(kind: pa.DataType) -> bool:
    tests = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list, pa.types.is_list_view)
    return any(test(kind) for test in tests)
