"""The pairs of the transfer evaluation: strangers only, every expression, exact truth, the same for the same seed."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from torch import Tensor

from fer_demo.data.loading import load_lfw
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE
from training.data.splits import is_stranger
from training.evaluation.transfer.pairs import (
    TransferPairs,
    aligned_faces,
    real_pairs,
    true_pairs,
    with_rendered_drivers,
)

SIZE, PEOPLE = 16, 5
STRANGERS = [name for name in (f"person {number}" for number in range(400)) if is_stranger(name)][:8]
FER_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def flat(shade: int) -> bytes:
    """A picture whose grey level is its name."""
    stream = io.BytesIO()
    Image.fromarray(np.full((SIZE, SIZE), shade, np.uint8)).save(stream, format="PNG")
    return stream.getvalue()


def shades(faces: Tensor) -> np.ndarray:
    return ((faces.mean(dim=(-3, -2, -1)) + 1) * 127.5).round().int().numpy()


def write(path: Path, columns: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Strangers have shades 0, 2, 4 ... and a second photograph one shade above; everybody else is 200."""
    root = tmp_path_factory.mktemp("data")
    known = [name for name in (f"person {number}" for number in range(40)) if not is_stranger(name)]
    names = [*known, *STRANGERS, *STRANGERS]
    pictures = [200] * len(known) + [2 * i for i in range(8)] + [2 * i + 1 for i in range(8)]
    photos = [0] * (len(known) + 8) + [1] * 8
    write(root / "lfw" / "train.parquet", {"image": [flat(p) for p in pictures], "person": names, "photo": photos})
    # FER2013: expression k has shades 10 k + 100 ..., three of each; the third occurs in training too.
    labels = [label for label in range(7) for _ in range(3)]
    write(
        root / "fer2013" / "public_test.parquet",
        {
            "image": [flat(100 + 10 * label + index % 3) for index, label in enumerate(labels)],
            "expression": labels,
            "row": list(range(21)),
            "exact_row": [True] * 21,
            "in_other_split": [index % 3 == 2 for index in range(21)],
        },
    )
    # Rendered: person p showing instance i has shade 10 p + i; two people of 20 are held out.
    people = [p for p in range(20) for _ in range(8)]
    instances = list(range(8)) * 20
    write(
        root / "synthetic_factorial" / "faces.parquet",
        {
            "image": [flat(10 * p + i) for p, i in zip(people, instances, strict=True)],
            "person": [f"{p:05d}" for p in people],
            "instance": instances,
            "expression": [(*BASIC, "happy")[i] for i in instances],
        },
    )
    return root


@pytest.fixture(scope="module")
def pairs(data: Path) -> TransferPairs:
    return real_pairs(data, SIZE, 1, seed=0, people=PEOPLE)


def test_faces_are_aligned_by_the_points_that_come_with_them(data: Path) -> None:
    record = load_lfw(data)[0]
    photo = np.zeros((80, 60, 3), np.uint8)
    photo[20:60, 10:50] = 255
    inside = dataclasses.replace(record, image=photo, points=TEMPLATE * 40 + [10, 20], landmarks=None)
    without = dataclasses.replace(inside, points=None)
    found, square = (shades(aligned_faces([one], SIZE, 1))[0] for one in (inside, without))
    assert found > 250
    assert 100 < square < 200  # the middle square, in which the crop is two thirds as wide


def test_sources_are_strangers_one_photograph_each(pairs: TransferPairs) -> None:
    found = shades(pairs.sources)
    assert len(set(found)) == PEOPLE
    assert set(found) <= {2 * i for i in range(8)}
    assert np.array_equal(shades(pairs.gallery)[:PEOPLE], found)
    assert set(shades(pairs.gallery)) == {2 * i for i in range(8)}


def test_every_stranger_meets_one_driver_and_the_reference_shows_other_people(pairs: TransferPairs) -> None:
    assert len(pairs.gallery_drivers) == len(pairs.gallery) == 8
    assert set(shades(pairs.gallery_drivers)) <= set(shades(pairs.drivers).ravel())
    assert set(shades(pairs.reference)) == {200}


def test_everybody_meets_one_fresh_driver_of_each_expression(pairs: TransferPairs) -> None:
    found = shades(pairs.drivers)
    assert found.shape == (PEOPLE, 7)
    wanted = [100 + 10 * FER_LABELS.index(name) for name in BASIC]
    assert np.array_equal(found // 10 * 10, np.tile(wanted, (PEOPLE, 1)))
    assert (found % 10 < 2).all()
    assert pairs.paired_sources.shape == pairs.paired_drivers.shape == (PEOPLE * 7, 1, SIZE, SIZE)


def test_the_same_seed_gives_the_same_pairs_and_another_one_others(data: Path, pairs: TransferPairs) -> None:
    again, other = (real_pairs(data, SIZE, 1, seed, PEOPLE) for seed in (0, 1))
    assert torch.equal(again.sources, pairs.sources)
    assert torch.equal(again.drivers, pairs.drivers)
    assert not torch.equal(other.drivers, pairs.drivers)


def test_too_few_strangers_are_refused(data: Path) -> None:
    with pytest.raises(DataError, match="only 8 people"):
        real_pairs(data, SIZE, 1, seed=0, people=9)


def test_the_truth_is_the_sources_person_showing_what_the_driver_shows(data: Path) -> None:
    found = true_pairs(data, SIZE, 3, seed=0)
    assert found.sources.shape == (2, 7, 3, SIZE, SIZE)
    source, driver, truth = (shades(faces) for faces in (found.sources, found.drivers, found.truth))
    assert set((source // 10).ravel()) == {18, 19}
    assert np.array_equal(source // 10, truth // 10)
    assert np.array_equal(driver % 10, truth % 10)
    assert (driver // 10 != truth // 10).all()
    assert (source % 10 != truth % 10).all()
    shown = np.array([*range(7), BASIC.index("happy")])[truth % 10]
    assert np.array_equal(shown, np.tile(np.arange(7), (2, 1)))


def test_strangers_meet_rendered_drivers_too(data: Path, pairs: TransferPairs) -> None:
    rendered = true_pairs(data, SIZE, 1, seed=0)
    driven = with_rendered_drivers(pairs, rendered)
    assert torch.equal(driven.sources, pairs.sources[:2])
    assert torch.equal(driven.drivers, rendered.drivers)
