"""Small files of every kind that visitors bring, and ways to damage them that can be repeated by their number."""

from __future__ import annotations

import io
import random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from fer_demo.data.loading import load_bundled
from fer_demo.outputs import csv_lines, zipped

SIDE = 96  # of the pictures, pixels
ROWS = 12
_HEAD = 64  # bytes at the beginning, and at the end, where sizes and places are written

# By the ending of their names, what Pillow writes them with.
_KINDS: dict[str, dict[str, Any]] = {
    "baseline.jpg": {"format": "JPEG", "quality": 85},
    "progressive.jpg": {"format": "JPEG", "quality": 85, "progressive": True},
    "plain.png": {"format": "PNG"},
    "plain.webp": {"format": "WEBP"},
    "lossless.webp": {"format": "WEBP", "lossless": True},
    "plain.gif": {"format": "GIF"},
    "packed.tif": {"format": "TIFF", "compression": "tiff_lzw"},
    "jpeg.tif": {"format": "TIFF", "compression": "jpeg"},
    "plain.bmp": {"format": "BMP"},
    "plain.jp2": {"format": "JPEG2000"},
    "plain.avif": {"format": "AVIF"},
    "plain.heic": {"format": "HEIF"},
    "plain.ppm": {"format": "PPM"},
    "plain.tga": {"format": "TGA"},
    "plain.ico": {"format": "ICO"},
}


def picture_files() -> dict[str, bytes]:
    """One face as a file of each kind; one of them has its orientation and place in EXIF, one is 16 bits deep."""
    face = _face(0)
    files = {name: _encoded(face, **options) for name, options in _KINDS.items()}
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    files["exif.jpg"] = _encoded(face, format="JPEG", exif=exif)
    files["palette.png"] = _encoded(face.quantize(64), format="PNG")
    files["deep.png"] = _encoded(
        face.convert("I;16") if face.mode == "L" else face.convert("L").convert("I;16"), format="PNG"
    )
    return files


def table_files() -> dict[str, bytes]:
    """The same faces as tables and archives of every kind that can be opened."""
    pictures = [_encoded(_face(row), format="PNG") for row in range(ROWS)]
    labels = ["happy", "sad", "neutral"] * (ROWS // 3)
    people = [f"p{row // 2}" for row in range(ROWS)]
    columns = {
        "image": [{"bytes": picture, "path": None} for picture in pictures],
        "expression": pa.array(labels).dictionary_encode(),
        "person": people,
        "split": ["train", "test"] * (ROWS // 2),
    }
    files = {}
    for compression in ("none", "snappy", "zstd", "gzip"):
        file = io.BytesIO()
        pq.write_table(pa.table(columns), file, compression=compression)
        files[f"{compression}.parquet"] = file.getvalue()
    grey = [" ".join(map(str, _face(row).convert("L").resize((48, 48)).tobytes())) for row in range(ROWS)]
    rows: list[list[Any]] = [[row % 7, pixels, "Training"] for row, pixels in enumerate(grey)]
    lines = [["emotion", "pixels", "Usage"], *rows]
    files["fer2013.csv"] = csv_lines(lines).encode()
    files["fer2013.tsv"] = csv_lines(lines).replace(",", "\t").encode()
    named = {f"{label}/{row}.png": picture for row, (label, picture) in enumerate(zip(labels, pictures, strict=True))}
    files["folder.zip"] = zipped(named)
    files["tables.zip"] = zipped({"train.parquet": files["snappy.parquet"], "labels.csv": "name,label\n0.png,happy\n"})
    return files


def damaged(content: bytes, seed: int) -> bytes:
    """The file with one or two kinds of damage."""
    rng = random.Random(seed)
    for damage in rng.choices(_DAMAGES, k=rng.randint(1, 2)):
        content = damage(content, rng) or b"\0"
    return content


def _flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randint(1, 20)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut_off(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _doubled(content: bytes, rng: random.Random) -> bytes:
    begin, end = sorted(rng.choices(range(len(content)), k=2))
    return content[:end] + content[begin:end] + content[end:]


def _left_out(content: bytes, rng: random.Random) -> bytes:
    begin = rng.randrange(len(content))
    return content[:begin] + content[begin + rng.randint(1, 64) :]


def _larger(content: bytes, rng: random.Random) -> bytes:
    """Four bytes where sizes stand become great or odd."""
    places = min(_HEAD, len(content))
    begin = rng.randrange(places) if rng.random() < 0.5 else len(content) - 1 - rng.randrange(places)
    value = rng.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", rng.randbytes(4)])
    return content[:begin] + value + content[begin + 4 :]


_DAMAGES = (_flipped, _flipped, _larger, _larger, _cut_off, _doubled, _left_out)


def _face(row: int) -> Image.Image:
    return Image.fromarray(load_bundled()[row].image).convert("RGB").resize((SIDE, SIDE))


def _encoded(picture: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, **options)
    return file.getvalue()
