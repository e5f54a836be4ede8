"""Copies, people in two splits and wrong labels, planted among the bundled faces, are found by the bundled models."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageOps

from fer_demo.checkpoints import load_model
from fer_demo.data.cleaning import CONFLICT, COPY, LABEL, LEAK
from fer_demo.data.loading import load_bundled
from fer_demo.data.tables import open_table
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.dataset.audit import audit
from fer_demo.inference.dataset.face_pass import Examiners
from fer_demo.settings import AppSettings

PEOPLE, TEST_PEOPLE, LEAKING_PEOPLE = 8, 4, 2
FACES = 14 * PEOPLE  # two of each expression of each person
COPIES = range(60, 110, 5)  # of people in training alone: every second one exact, the others near
Found = dict[str, set[int]]


@pytest.fixture(scope="module")
def planted() -> Found:
    """The rows with each fault."""
    leaking = {row for row in range(14 * LEAKING_PEOPLE) if row % 3 == 0}
    return {
        LEAK: leaking,
        LABEL: set(range(3, FACES, 17)),
        COPY: set(range(FACES, FACES + len(COPIES))),
    }


@pytest.fixture(scope="module")
def found(planted: Found, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """The rows that an audit lists, by problem."""
    source = load_bundled()
    source = source.select(range(0, 2 * FACES, 2))
    labels = [str(name) for name in source.column("expression")]
    for row in planted[LABEL]:
        labels[row] = BASIC[(BASIC.index(labels[row]) + 3) % len(BASIC)]
    in_training = [row >= 14 * TEST_PEOPLE or row in planted[LEAK] for row in range(FACES)]
    pictures = [source.picture_file(row) for row in range(FACES)]
    for place, row in enumerate(COPIES):
        pictures.append(copied(source.picture(row), exact=place % 2 == 0))
        labels.append(labels[row])
        in_training.append(True)
    splits = ["train" if flag else "test" for flag in in_training]
    table = pa.table({"image": pa.array(pictures, pa.binary()), "label": labels, "split": splits})
    examiners = Examiners(RetinaFaceDetector(), load_model(AppSettings.recognizer), load_model("identity_embedder"))
    folder: Path = tmp_path_factory.mktemp("audit")
    audit(open_table("planted", table), folder, examiners)
    listed: Found = {}
    for line in csv.DictReader(io.StringIO((folder / "findings.csv").read_text(encoding="utf-8"))):
        listed.setdefault(line["problem"], set()).add(int(line["face"]))
    return listed


def copied(picture: np.ndarray, exact: bool) -> bytes:
    """The same pixels in another file, or a mirror image saved as JPEG."""
    buffer, image = io.BytesIO(), Image.fromarray(picture)
    if exact:
        image.save(buffer, "BMP")
    else:
        ImageOps.mirror(image).save(buffer, "JPEG", quality=60)
    return buffer.getvalue()


def recall(found: set[int], planted: set[int]) -> float:
    return len(found & planted) / len(planted)


def precision(found: set[int], planted: set[int]) -> float:
    return len(found & planted) / len(found)


def test_every_planted_copy_is_found_and_nothing_else(found: Found, planted: Found) -> None:
    assert found[COPY] == planted[COPY]
    assert CONFLICT not in found  # the copies kept their labels


def test_most_faces_of_people_in_both_splits_are_found(found: Found, planted: Found) -> None:
    assert recall(found[LEAK], planted[LEAK]) >= 0.8
    assert precision(found[LEAK], planted[LEAK]) >= 0.85


def test_most_wrong_labels_are_found_among_few_doubts(found: Found, planted: Found) -> None:
    assert recall(found[LABEL], planted[LABEL]) >= 0.7
    assert precision(found[LABEL], planted[LABEL]) >= 0.4
