"""Planted copies of rendered faces are found, and faces of one person in two poses are not taken for copies."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageOps

from fer_demo.data.duplicates import EXACT, NEAR, find_duplicates, near_pairs
from fer_demo.data.loading import load_bundled
from fer_demo.data.pictures import PictureScan, PictureTable
from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError

ORIGINALS = 112  # four people, 28 pictures each: the hardest case, since pictures of one person are alike
Way = Callable[[Image.Image], Image.Image]


def saved(picture: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, **{"format": "PNG", **options})
    return buffer.getvalue()


WAYS: dict[str, Callable[[Image.Image], bytes]] = {
    "saved as JPEG": partial(saved, format="JPEG", quality=30),
    "half the size": lambda picture: saved(picture.resize((64, 64))),
    "small and grey": lambda picture: saved(picture.convert("L").resize((48, 48))),
    "brighter": lambda picture: saved(picture.point(lambda level: min(255, int(level * 1.2 + 10)))),
    "mirrored": lambda picture: saved(ImageOps.mirror(picture)),
}


def scanned(contents: list[bytes]) -> PictureTable:
    scan = PictureScan(FaceSource("copies", pa.table({"image": contents})))
    scan.advance()
    return scan.result()


@pytest.fixture(scope="module")
def planted() -> tuple[PictureTable, dict[tuple[int, int], str]]:
    """Rendered faces and five kinds of near copies of every seventh of them, with the true pairs."""
    source = load_bundled()
    contents = [source.picture_file(row) for row in range(ORIGINALS)]
    truth = {}
    for row in range(0, ORIGINALS, 7):
        for name, change in WAYS.items():
            truth[row, len(contents)] = name
            contents.append(change(Image.fromarray(source.picture(row))))
    return scanned(contents), truth


def test_near_copies_are_found_with_high_recall_and_full_precision(
    planted: tuple[PictureTable, dict[tuple[int, int], str]],
) -> None:
    pictures, truth = planted
    groups = find_duplicates(pictures)
    found = {(group.rows[0], row) for group in groups for row in group.rows[1:]}
    recall, precision = len(found & set(truth)) / len(truth), len(found & set(truth)) / len(found)
    assert recall >= 0.97, sorted(truth[pair] for pair in set(truth) - found)
    assert precision == 1.0
    assert {group.kind for group in groups} == {NEAR}


def test_exact_copies_have_the_same_pixels_whatever_the_file() -> None:
    picture = Image.fromarray(load_bundled().picture(0)).convert("L")
    pictures = scanned([saved(picture), saved(picture.convert("RGB"), format="BMP"), saved(ImageOps.invert(picture))])
    groups = find_duplicates(pictures, near=False)
    assert [(group.rows, group.kind) for group in groups] == [((0, 1), EXACT)]
    assert groups[0].splits(["train", "test", "test"]) == ("train", "test")


def test_even_areas_are_blank_and_no_copies_of_one_another() -> None:
    pictures = scanned([saved(Image.new("L", (48, 48), level)) for level in (80, 80, 200)] + [b"broken"])
    assert pictures.blank.tolist() == [True, True, True, False]
    assert find_duplicates(pictures) == ()
    assert list(pictures.troubles) == [3]


def test_noise_has_no_near_copies() -> None:
    rng = np.random.default_rng(0)
    noise = [saved(Image.fromarray(rng.integers(0, 256, (32, 32), dtype=np.uint8))) for _ in range(40)]
    assert near_pairs(scanned(noise), np.arange(40)).shape == (0, 2)


def test_a_scan_that_was_interrupted_goes_on_where_it_was() -> None:
    source = FaceSource("faces", pa.table({"image": [load_bundled().picture_file(row) for row in range(3)]}))
    scan = PictureScan(source)
    scan.advance(seconds=0)
    assert (scan.done, len(scan.result())) == (0, 0)
    scan.advance()
    assert len(scan.result()) == scan.total == 3
    assert scan.result().width.tolist() == [128, 128, 128]


def test_a_thousand_copies_and_near_copies_of_one_picture_are_one_group_after_a_thousand_comparisons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = np.array(Image.fromarray(load_bundled().picture(0)).convert("L").resize((32, 32)))
    contents = [saved(Image.fromarray(pixels))] * 500
    for number in range(500):
        other = pixels.copy()
        other[-1, -2:] = number // 256, number % 256
        contents.append(saved(Image.fromarray(other)))
    pictures = scanned(contents)
    monkeypatch.setattr("fer_demo.data.duplicates._MOST_COMPARED", 1100)
    groups = find_duplicates(pictures)
    assert [(group.kind, group.rows) for group in groups] == [(NEAR, tuple(range(1000)))]
    monkeypatch.setattr("fer_demo.data.duplicates._MOST_COMPARED", 100)
    with pytest.raises(DataError, match="Too many of these pictures look alike"):
        find_duplicates(pictures)
