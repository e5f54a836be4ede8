"""Which column of a table holds its pictures."""

from __future__ import annotations

import pyarrow as pa

from fer_demo.data.label_columns import plain
from fer_demo.data.picture_cells import looks_like_pictures, may_be_pictures, picture_bytes
from fer_demo.errors import DataError

_NAMES = ("image", "img", "picture", "photo", "face", "pixels", "image_bytes", "img_bytes", "bytes", "jpg", "png")


def with_pictures(name: str, table: pa.Table) -> pa.Table:
    """The table with its pictures as files in the column `image`, whatever they were called and however stored.

    Raises: DataError if it has no pictures; files that it only names are not looked for.
    """
    named = sorted(
        (one for one in table.column_names if plain(one) in _NAMES), key=lambda one: _NAMES.index(plain(one))
    )
    for column in named:
        if (pictures := picture_bytes(table.column(column))) is not None:
            return _with_image(table, column, pictures)
    for column in (one for one in table.column_names if one not in named):
        if not may_be_pictures(table.column(column).type):
            continue
        if (pictures := picture_bytes(table.column(column))) is not None and looks_like_pictures(pictures):
            return _with_image(table, column, pictures)
    if named:
        raise DataError(
            f"The column “{named[0]}” of {name} names files instead of holding pictures; zip the folder with the "
            "pictures and bring that."
        )
    raise DataError(f"{name} has no column of pictures; its columns are {', '.join(table.column_names)}.")


def _with_image(table: pa.Table, column: str, pictures: pa.ChunkedArray) -> pa.Table:
    others = [name for name in table.column_names if name != column]
    taken = {**{name: table.column(name) for name in others if name != "image"}, "image": pictures}
    if "image" in others:  # a path or the like, beside the pictures
        taken["image_"] = table.column("image")
    order = ["image", *(name for name in taken if name != "image")]
    return pa.table({name: taken[name] for name in order})
