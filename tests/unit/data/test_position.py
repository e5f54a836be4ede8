"""Where a photo was taken stays out of what is handed over; its pixels and the rest of its data stay in."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from fer_demo.data.cleaning import clean, clean_parquet
from fer_demo.data.position import without_position
from fer_demo.data.sources import FaceSource
from fer_demo.images import load_photo

KINDS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF")
PLACE = {1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2), 29: "2026:05:17"}
XMP = '<rdf:Description exif:GPSLatitude="48,51.49N"><exif:GPSLongitude>2,17.67E</exif:GPSLongitude>'
TIFF_PLACE = {**PLACE, 2: tuple(map(IFDRational, (48, 51, 29))), 4: tuple(map(IFDRational, (2, 17, 40)))}


def photo(kind: str, **options: object) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    exif[0x8825] = TIFF_PLACE if kind == "TIFF" else PLACE
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, exif=exif.tobytes(), **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_the_position_goes_and_the_rest_stays(kind: str) -> None:
    content = photo(kind)
    handed_over = without_position(content)
    before, after = (Image.open(io.BytesIO(one)).getexif() for one in (content, handed_over))
    assert before.get_ifd(0x8825)[29] == "2026:05:17"
    assert not after.get_ifd(0x8825)
    assert b"2026:05:17" not in handed_over
    assert after[0x010F] == "a camera"
    assert len(handed_over) == len(content)
    np.testing.assert_array_equal(load_photo(handed_over), load_photo(content))


def test_a_position_in_xmp_goes_too() -> None:
    handed_over = without_position(photo("JPEG", xmp=XMP.encode()))
    assert b"48,51" not in handed_over
    assert b"2,17" not in handed_over
    assert Image.open(io.BytesIO(handed_over)).size == (32, 32)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_handed_over_and_break_nothing(kind: str) -> None:
    content = photo(kind)
    random = np.random.default_rng(1)
    for _ in range(100):
        damaged = bytearray(content[: random.integers(0, len(content))])
        for place in random.integers(0, max(len(damaged), 1), 8):
            damaged[place : place + 1] = random.bytes(min(1, len(damaged)))
        assert len(without_position(bytes(damaged))) == len(damaged)


def test_a_picture_without_a_position_is_the_same_file() -> None:
    buffer = io.BytesIO()
    Image.new("L", (20, 20)).save(buffer, "PNG")
    assert without_position(buffer.getvalue()) == buffer.getvalue()


def test_a_clean_set_says_nothing_of_where_its_photos_were_taken() -> None:
    table = pa.table({"image": [{"bytes": photo(kind), "path": None} for kind in KINDS]})
    source = FaceSource("mine", table)
    taken_home = pq.read_table(io.BytesIO(clean_parquet(source, clean(source, [], []))))
    for cell in taken_home.column("image").to_pylist():
        assert not Image.open(io.BytesIO(cell["bytes"])).getexif().get_ifd(0x8825)
