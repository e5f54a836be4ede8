"""Training files come from what people have: FER2013 with FER+ votes, folders of people, tables of their own."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_demo.data.loading import load_fer2013, load_lfw
from fer_demo.errors import DataError
from fer_demo.faces.detection import DetectedFace
from training.data.face_set import build_face_set
from training.data.prepare import PrepareSettings, prepare

FACES = np.random.default_rng(0).integers(256, size=(12, 48, 48), dtype=np.uint8)
VOTES = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
POINTS = np.array([(16.0, 20.0), (32.0, 20.0), (24.0, 28.0), (18.0, 36.0), (30.0, 36.0)])


class MiddleFace:
    """A detector that finds one face, always in one place."""

    def detect(self, photo: np.ndarray) -> list[DetectedFace]:
        return [DetectedFace((8.0, 8.0, 40.0, 40.0), POINTS, 0.9)]


def file(pixels: np.ndarray) -> bytes:
    Image.fromarray(pixels).save(buffer := io.BytesIO(), "PNG")
    return buffer.getvalue()


def fer2013(path: Path) -> Path:
    usages = ["Training"] * 6 + ["PublicTest"] * 3 + ["PrivateTest"] * 3
    rows = [f"{row % 7},{' '.join(map(str, face.ravel()))},{usages[row]}" for row, face in enumerate(FACES)]
    rows[7] = rows[0].replace("Training", "PublicTest")
    path.write_text("\n".join(["emotion,pixels,Usage", *rows]))
    return path


def test_fer2013_becomes_its_splits_with_ferplus_votes(tmp_path: Path) -> None:
    votes = tmp_path / "fer2013new.csv"
    votes.write_text("\n".join([VOTES, *(f"x,,{row},10,0,0,0,0,0,0,0,0" for row in range(12))]))
    settings = PrepareSettings(str(fer2013(tmp_path / "fer2013.csv")), tmp_path / "data", votes=votes)
    said: list[str] = []
    folder = prepare(settings, MiddleFace(), said.append)
    assert sorted(path.name for path in folder.iterdir()) == [
        "private_test.parquet",
        "public_test.parquet",
        "train.parquet",
    ]
    train, test = load_fer2013(tmp_path / "data", "train"), load_fer2013(tmp_path / "data", "public_test")
    assert train.column("expression") == ["angry", "disgust", "fear", "happy", "sad", "surprise"]
    assert test.column("key") == ["6", "7", "8"]
    assert train.column("in_other_split") == [True] + [False] * 5
    assert test.column("in_other_split") == [False, True, False]
    record = test[2]
    assert record.votes is not None
    assert record.votes.tolist() == [8, 10, 0, 0, 0, 0, 0, 0, 0, 0]
    assert (record.image == FACES[8]).all()
    assert record.points is not None
    assert np.allclose(record.points, POINTS)
    assert "public_test.parquet: 3 faces" in said


def test_a_set_without_splits_is_cut_person_by_person_and_what_is_broken_is_named(tmp_path: Path) -> None:
    people = [f"person-{row // 2}" for row in range(12)]
    images = [file(face) for face in FACES]
    images[3] = b"broken"
    columns = {"image": images, "mood": ["joy", "sad"] * 6, "person": people}
    pq.write_table(pa.table(columns), tmp_path / "own.parquet")
    said: list[str] = []
    settings = PrepareSettings(str(tmp_path / "own.parquet"), tmp_path / "data", test_share=0.4, detect=False)
    prepare(settings, say=said.append)
    parts = [load_fer2013(tmp_path / "data", split) for split in ("train", "public_test")]
    persons = [set(part.column("person")) for part in parts]
    assert not persons[0] & persons[1]
    assert sum(len(part) for part in parts) == 11
    assert set(parts[0].column("expression")) == {"happy", "sad"}
    assert any(line.startswith("own, 3: This picture is not a picture") for line in said)
    with pytest.raises(DataError, match="holds training files already"):
        prepare(settings)


def test_folders_of_people_become_photos_of_named_people(tmp_path: Path) -> None:
    for row, name in enumerate(("Ann", "Ann", "Bo")):
        (tmp_path / "people" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "people" / name / f"{row}.png").write_bytes(file(FACES[row]))
    prepare(
        PrepareSettings(str(tmp_path / "people"), tmp_path / "data", what="people", detect=False), say=lambda _: None
    )
    source = load_lfw(tmp_path / "data")
    assert source.column("key") == ["Ann/1", "Ann/2", "Bo/1"]
    assert (source.picture(2) == FACES[2]).all()


def test_sets_without_what_is_asked_for_are_refused_with_a_remedy(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image": [file(FACES[0])], "age": [3]}), tmp_path / "own.parquet")
    with pytest.raises(DataError, match="names no expression; name its labels by --label-column"):
        prepare(PrepareSettings(str(tmp_path / "own.parquet"), tmp_path / "data"), say=lambda _: None)
    votes = tmp_path / "votes.csv"
    votes.write_text("a,b\n1,2\n")
    settings = PrepareSettings(str(fer2013(tmp_path / "f.csv")), tmp_path / "data", votes=votes, detect=False)
    with pytest.raises(DataError, match="has no columns neutral"):
        prepare(settings, say=lambda _: None)


def test_a_table_of_ones_own_needs_only_pictures_and_labels(tmp_path: Path) -> None:
    folder = tmp_path / "fer2013"
    folder.mkdir()
    columns = {"Image": [file(face) for face in FACES], "Emotion": [float(row % 7) for row in range(12)]}
    pq.write_table(pa.table(columns), folder / "train.parquet")
    source = load_fer2013(tmp_path, "train")
    assert source.column("key") == [str(row) for row in range(12)]
    assert source.column("in_other_split") == [False] * 12
    faces = build_face_set(source, 32)
    assert faces.expression.tolist() == [row % 7 for row in range(12)]
    assert not faces.votes.any()
