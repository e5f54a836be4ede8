"""Where a photo was taken does not leave with it: its position is blanked in place, and all else stays as it was."""

from __future__ import annotations

import re
import struct
import zlib
from itertools import islice

_POINTER = 0x8825  # EXIF's tag of the table with the position
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
}  # bytes of a value, by EXIF's types
_TIFF = re.compile(rb"II\*\0|MM\0\*")  # how EXIF data begin, in every kind of file, and TIFF files themselves
_MOST_TABLES = 16  # that are looked at; a photo has one, and two with a preview
_IN_XMP = re.compile(rb"(exif:GPS\w+(?:\s*=\s*[\"']|\s*>))([^<\"']*)")
_PNG = b"\x89PNG\r\n\x1a\n"


def without_position(content: bytes) -> bytes:
    """The file of a picture, of any kind, of the same length and with the same pixels, without GPS data."""
    changed = bytearray(content)
    for found in _IN_XMP.finditer(content):
        changed[found.start(2) : found.end(2)] = b" " * len(found[2])
    for found in islice(_TIFF.finditer(content), _MOST_TABLES):
        _blank_table(changed, found.start())
    if changed == content:
        return content
    if content.startswith(_PNG):
        _state_checksums(changed)
    return bytes(changed)


def _blank_table(changed: bytearray, start: int) -> None:
    """Overwrite the table with the position, and the values that it points to; damaged data stay as they are."""
    order = "<" if changed[start : start + 2] == b"II" else ">"

    def number(kind: str, place: int) -> int:
        return int(struct.unpack_from(order + kind, changed, start + place)[0])

    try:
        first = number("I", 4)
        entries = [first + 2 + 12 * index for index in range(number("H", first))]
        table = next((number("I", entry + 8) for entry in entries if number("H", entry) == _POINTER), None)
        if table is None:
            return
        count = number("H", table)
        for entry in (table + 2 + 12 * index for index in range(count)):
            size = _SIZES.get(number("H", entry + 2), 1) * number("I", entry + 4)
            if size > 4:
                place = start + number("I", entry + 8)
                end = min(place + size, len(changed))
                changed[place:end] = bytes(max(end - place, 0))
        end = min(start + table + 2 + 12 * count, len(changed))
        changed[start + table : end] = bytes(end - start - table)
    except struct.error:  # a table that points out of the file
        return


def _state_checksums(png: bytearray) -> None:
    """Write the checksum of every chunk of a PNG file anew."""
    place = len(_PNG)
    while place + 12 <= len(png):
        end = place + 8 + int.from_bytes(png[place : place + 4], "big")
        if end + 4 > len(png):
            return
        png[end : end + 4] = zlib.crc32(png[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
