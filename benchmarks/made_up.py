"""Made-up data of any size: rows of labels, pictures with planted copies, descriptors of people, and a map."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image, ImageOps

from fer_demo.data.embedding_table import BASELINES, CODES, Basis, Placement, Space, TableInfo, write_embedding_table
from fer_demo.data.loading import load_bundled
from fer_demo.data.sources import FaceSource
from fer_demo.expressions import BASIC
from fer_demo.images import to_grey

SIDE = 48  # of a picture, as in FER2013, pixels
PLANTED = 0.05  # share of the pictures that are copies of others
SPLITS = ("train", "test")
_PEOPLE = 5000
_SPREAD = 0.3  # of one person's descriptors, where those of all people together have 1 in each dimension
_METHODS = ("umap", "pca")  # that a table of this size has

Way = Callable[[Image.Image], bytes]


def label_rows(rows: int) -> pa.Table:
    """What a large dataset says of its pictures, without the pictures."""
    rng = np.random.default_rng(0)

    def words(names: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(rng.integers(0, len(names), rows), names).dictionary_decode()

    return pa.table(
        {
            "key": pa.array(np.arange(rows).astype(str)),
            "expression": words(list(BASIC)),
            "person": words([f"person {number:04d}" for number in range(_PEOPLE)]),
            "split": words([*SPLITS, "validation"]),
            "age": pa.array(rng.integers(5, 90, rows)),
            "yaw": pa.array(rng.normal(0, 20, rows).astype(np.float32)),
            "brightness": pa.array(rng.uniform(0, 255, rows).astype(np.float32)),
            "answer": words(list(BASIC)),
        }
    )


@dataclass(frozen=True, eq=False)
class Copies:
    """Made-up pictures, some of which are copies of earlier ones."""

    source: FaceSource
    ways: dict[tuple[int, int], str]  # original and copy -> how it was copied


def pictures_with_copies(count: int) -> Copies:
    """So many pictures; one in twenty is a copy, and lies in the other split than its original."""
    rng = np.random.default_rng(1)
    originals = count - int(PLANTED * count)
    contents = [_saved(picture) for picture in pictures(originals)]
    ways: dict[tuple[int, int], str] = {}
    copied = rng.choice(originals, count - originals, replace=False)
    for number, row in enumerate(copied):
        name, change = list(WAYS.items())[number % len(WAYS)]
        ways[int(row), len(contents)] = name
        contents.append(change(Image.open(io.BytesIO(contents[row]))))
    splits = [SPLITS[row < originals] for row in range(count)]
    labels = rng.choice(BASIC, count)
    table = {"image": contents, "split": splits, "expression": pa.array(labels, pa.string())}
    return Copies(FaceSource("made-up", pa.table(table)), ways)


def pictures(count: int) -> Iterator[Image.Image]:
    """Grey pictures of faces that nobody has: two rendered ones mixed, cut and lit anew, each differently."""
    rng = np.random.default_rng(2)
    source = load_bundled()
    faces = np.stack([to_grey(source.picture(row)) for row in range(len(source))]).astype(np.float32)
    side = faces.shape[1]
    ramp = np.linspace(-1, 1, side, dtype=np.float32)
    for _ in range(count):
        one, other = faces[rng.choice(len(faces), 2, replace=False)]
        mixed = one + rng.uniform(0.3, 0.7) * ((other[:, ::-1] if rng.random() < 0.5 else other) - one)
        lit = mixed * (1 + rng.uniform(-0.5, 0.5) * ramp + rng.uniform(-0.5, 0.5) * ramp[:, None])
        size = rng.integers(int(0.7 * side), side + 1)
        left, top = rng.integers(0, side - size + 1, 2)
        picture = Image.fromarray(lit.clip(0, 255).astype(np.uint8))
        yield picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=(left, top, left + size, top + size))


def _saved(picture: Image.Image, form: str = "PNG", **options: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def _brighter(picture: Image.Image) -> bytes:
    return _saved(picture.point(lambda level: min(255, int(level * 1.2 + 10))))


WAYS: dict[str, Way] = {
    "same pixels, other file": partial(_saved, form="BMP"),
    "saved as JPEG of quality 30": partial(_saved, form="JPEG", quality=30),
    "half the size": lambda picture: _saved(picture.resize((SIDE // 2, SIDE // 2))),
    "brighter": _brighter,
    "mirrored": lambda picture: _saved(ImageOps.mirror(picture)),
}


def descriptors(faces: int, each: int, dims: int = 128) -> np.ndarray:
    """(faces, dims) float32: people far apart, `each` faces of a person close together."""
    rng = np.random.default_rng(3)
    people = np.repeat(rng.normal(size=(-(-faces // each), dims)), each, axis=0)[:faces]
    return (people + _SPREAD * rng.normal(size=people.shape)).astype(np.float32)


def write_map(path: Path, points: int, weights_sha256: str, components: int = 64) -> None:
    """An embedding table of faces that do not exist, in the form that `training project` writes."""
    rng = np.random.default_rng(4)
    expressions, people = rng.choice(BASIC, points), rng.integers(0, points // 8 + 1, points)
    labels: dict[str, list[Any]] = {
        "expression": [str(name) for name in expressions],
        "person": [f"person {number:05d}" for number in people],
        "yaw": [round(float(value), 2) for value in rng.normal(0, 20, points)],
        "answer": [str(name) for name in rng.choice(BASIC, points)],
        "entropy": [round(float(value), 3) for value in rng.uniform(0, 2.8, points)],
    }
    spaces = {name: _space(rng, points, components) for name in (*CODES, *BASELINES)}
    info = TableInfo(
        model="tdgan",
        weights_sha256=weights_sha256,
        data="made-up",
        labels=tuple(labels),
        spaces=tuple(spaces),
        methods=_METHODS,
        dims=dict.fromkeys(spaces, components),
        variance=dict.fromkeys(spaces, 1.0),
        kept=dict.fromkeys(spaces, 1.0),
        neighbours=15,
    )
    thumbnail = _saved(next(pictures(1)), "WEBP")
    write_embedding_table(path, info, [str(row) for row in range(points)], labels, spaces, [thumbnail] * points)


def _space(rng: np.random.Generator, points: int, components: int) -> Space:
    """Codes in seven heaps, and places to match."""
    heaps = 3 * rng.normal(size=(len(BASIC), components))[rng.integers(0, len(BASIC), points)]
    codes = (heaps + rng.normal(size=heaps.shape)).astype(np.float16).astype(np.float32)
    trust = rng.uniform(0.5, 1, points).astype(np.float32)
    maps = {method: Placement(codes[:, place : place + 2], trust, trust) for place, method in enumerate(_METHODS)}
    basis = Basis(np.zeros(components, np.float32), np.eye(components, dtype=np.float32))
    return Space(codes, basis, np.ones(points, np.float32), maps)
