"""Posed people: who may teach is decided by the name, contempt votes without a label, and crops are aligned."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.detection import RetinaFaceDetector
from training.data.face_set import UNKNOWN, crop_side
from training.data.posed_faces import posed_faces
from training.data.splits import is_stranger, teaches

NAMES = [f"S{number:03d}" for number in range(8)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    (root / "pairs").mkdir()
    pictures = []
    for record in load_bundled().select(range(2 * len(NAMES))):
        buffer = io.BytesIO()
        Image.fromarray(record.image).save(buffer, format="PNG")
        pictures.append(buffer.getvalue())
    columns = {"image": pictures, "person": NAMES * 2, "expression": ["happy"] * len(NAMES) + ["contempt"] * len(NAMES)}
    pq.write_table(pa.table(columns), root / "pairs/ckplus.parquet")
    return root


def test_a_person_teaches_or_validates_and_never_both(data: Path) -> None:
    detector = RetinaFaceDetector()
    teaching, validating = (posed_faces(data, "ckplus", 32, detector, teaching=side) for side in (True, False))
    assert len(teaching) == 2 * sum(map(teaches, NAMES)) > 0
    assert len(validating) == 2 * len(NAMES) - len(teaching) > 0
    assert teaching.crops.shape[1:] == (crop_side(32), crop_side(32))


def test_contempt_has_a_vote_and_no_label(data: Path) -> None:
    faces = posed_faces(data, "ckplus", 32, RetinaFaceDetector(), teaching=True)
    half = len(faces) // 2
    assert faces.expression.tolist() == [BASIC.index("happy")] * half + [UNKNOWN] * half
    assert faces.votes[half:].argmax(dim=1).tolist() == [WITH_CONTEMPT.index("contempt")] * half
    assert faces.votes.sum(dim=1).tolist() == [1.0] * len(faces)


def test_a_missing_set_is_named(data: Path) -> None:
    with pytest.raises(DataError, match=r"There is no .*london\.parquet"):
        posed_faces(data, "london", 32, RetinaFaceDetector(), teaching=True)


def test_about_a_twentieth_are_strangers_and_about_half_teach() -> None:
    names = [f"person {number}" for number in range(4000)]
    assert sum(map(is_stranger, names)) / len(names) == pytest.approx(0.05, abs=0.01)
    assert sum(map(teaches, names)) / len(names) == pytest.approx(0.5, abs=0.02)
