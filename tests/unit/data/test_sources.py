"""A source gives records by position, columns without decoding, and selections without copying."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from fer_demo.data.sources import FaceSource
from fer_demo.errors import DataError, ImageError


@pytest.fixture
def source(pictures: list[dict[str, object]], landmarks: np.ndarray) -> FaceSource:
    columns = {
        "image": pictures,
        "key": list("abcdef"),
        "expression": ["happy", "sad", None, "fear", "happy", "neutral"],
        "votes": [[0, 10, 0, 0, 0, 0, 0, 0, 0, 0]] * 6,
        "landmarks": [landmarks.tolist(), None] * 3,
        "head_pose": [[1.0, 2.0, 3.0]] * 6,
        "weather": ["rain", "sun"] * 3,
    }
    return FaceSource("made up", pa.table(columns))


def test_a_record_holds_what_the_row_says(source: FaceSource, landmarks: np.ndarray) -> None:
    record = source[4]
    assert (record.source, record.key, record.expression, record.person) == ("made up", "e", "happy", None)
    assert record.image.shape == (16, 16)
    assert record.image[0, 0] == 40
    assert record.votes is not None
    assert record.votes.shape == (10,)
    assert np.array_equal(record.landmarks, landmarks)
    assert source[1].landmarks is None
    assert record.head_pose is not None
    assert record.head_pose.tolist() == [1, 2, 3]
    assert record.units is None
    assert record.attributes == {"weather": "rain"}


def test_a_source_is_a_sequence(source: FaceSource) -> None:
    assert len(source) == 6
    assert [record.key for record in source] == list("abcdef")
    assert source[-1].key == "f"
    with pytest.raises(IndexError):
        source[6]


def test_columns_come_without_decoding(source: FaceSource) -> None:
    assert source.column("expression") == ["happy", "sad", None, "fear", "happy", "neutral"]
    assert source.column("person") == [None] * 6
    assert source.column("weather")[1] == "sun"
    landmarks = source.column("landmarks")
    assert landmarks[0].shape == (68, 2)
    assert landmarks[1] is None
    assert source.columns == ("weather",)


def test_a_selection_keeps_its_order_and_nests(source: FaceSource) -> None:
    chosen = source.select([5, 0, 3])
    assert chosen.column("key") == ["f", "a", "d"]
    assert chosen[2].image[0, 0] == 30
    assert chosen.select(np.array([2, 0])).column("expression") == ["fear", "neutral"]
    assert len(source.select([])) == 0
    assert source.select([]).column("expression") == []


def test_rows_number_themselves_without_keys(pictures: list[dict[str, object]]) -> None:
    source = FaceSource("plain", pa.table({"image": pictures}))
    assert source.select([4, 2]).column("key") == ["4", "2"]
    assert source.select([4, 2])[0].key == "4"


def test_pictures_may_be_bytes_or_paths(tmp_path: Path, png: Callable[..., bytes]) -> None:
    path = tmp_path / "face.png"
    path.write_bytes(png((200, 10, 20)))
    assert FaceSource("bytes", pa.table({"image": [png(7)]}))[0].image[0, 0] == 7
    assert FaceSource("paths", pa.table({"image": [str(path)]}))[0].image[0, 0].tolist() == [200, 10, 20]
    structs = [{"bytes": None, "path": str(path)}]
    assert FaceSource("structs", pa.table({"image": structs}))[0].image.shape == (16, 16, 3)


def test_what_is_missing_is_named(source: FaceSource) -> None:
    with pytest.raises(DataError, match=r"mood.*weather"):
        source.column("mood")
    with pytest.raises(DataError, match="image"):
        FaceSource("bare", pa.table({"age": [3]}))
    with pytest.raises(DataError, match="no picture"):
        FaceSource("empty", pa.table({"image": pa.array([None], pa.binary())}))[0]
    with pytest.raises(ImageError, match="not a picture"):
        FaceSource("text", pa.table({"image": [b"no picture at all"]}))[0]


def test_landmarks_may_be_stored_as_all_x_and_all_y(landmarks: np.ndarray) -> None:
    table = pa.table({"image": [b""], "landmarks": [landmarks.T.tolist()]})
    (read,) = FaceSource("faces", table).column("landmarks")
    assert np.array_equal(read, landmarks)
