"""Small pictures of a set's faces for the parts of the tab; one that cannot be read is a grey square that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fer_demo.data.records import FaceRecord
from fer_demo.data.sources import FaceSource
from fer_demo.errors import FerDemoError
from fer_demo.interface.widgets.markup import Thumbnail, data_uri, thumbnails

_SIDE = 96  # pixels
_GREY = np.full((16, 16), 160, np.uint8)


def face_thumbnails(
    source: FaceSource, rows: Sequence[int], label: str, chosen: int | None, captions: Mapping[int, str] | None = None
) -> str:
    """A grid of faces that can be picked; without captions of their own their expressions stand below them."""
    return thumbnails([_thumbnail(source, row, captions) for row in rows], chosen, label, layout="grid")


def words_about(record: FaceRecord) -> str:
    """Expression and person."""
    return f"{record.expression or 'no expression label'}, {record.person or 'unknown person'}"


def _thumbnail(source: FaceSource, row: int, captions: Mapping[int, str] | None) -> Thumbnail:
    try:
        record = source[row]
    except FerDemoError as error:
        return Thumbnail(data_uri(_GREY), str(error), "unreadable")
    caption = record.expression or "–" if captions is None else captions.get(row, "")
    return Thumbnail(data_uri(record.image, _SIDE), words_about(record), caption)
