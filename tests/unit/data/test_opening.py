"""What a visitor brings is opened as far as it can be, and what is odd about it is said in one sentence each."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_demo.data import limits
from fer_demo.data.opened_set import ORIGINAL_LABEL, OpenedSet
from fer_demo.data.opening import open_path, open_upload
from fer_demo.data.tables import reread
from fer_demo.errors import DataError, ImageError

Png = Callable[..., bytes]


def parquet(**columns: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def opened(**columns: Any) -> OpenedSet:
    return open_upload("faces.parquet", parquet(**columns))


def test_a_zipped_folder_tells_splits_and_expressions(png: Png) -> None:
    names = ("faces/train/Anger/1.png", "faces/train/happy/2.png", "faces/test/happy/3.png", "faces/notes.txt")
    found = open_upload("faces.zip", zipped({**dict.fromkeys(names, png(70)), "__MACOSX/faces/._1.png": b"junk"}))
    source = found.source
    assert source.column("key") == ["faces/test/happy/3.png", "faces/train/Anger/1.png", "faces/train/happy/2.png"]
    assert source.column("split") == ["test", "train", "train"]
    assert source.column("expression") == ["happy", "angry", "happy"]
    assert found.labels == {"Anger": "angry", "happy": "happy"}
    assert found.notes == (
        "Files that are not pictures were left out: 1.",
        "Hidden files and what file managers leave behind were left out: 1.",
    )
    assert source[0].image[0, 0] == 70


def test_unknown_label_names_can_be_given_a_meaning(png: Png) -> None:
    found = open_upload("f.zip", zipped({f"{name}/{name}.png": png() for name in ("gleeful", "gloomy", "anger")}))
    assert found.labels == {}  # most are unknown, so perhaps people
    assert found.source.column("person") == ["anger", "gleeful", "gloomy"]
    chosen = reread(found, "folder", None)
    assert chosen.labels == {"anger": "angry", "gleeful": None, "gloomy": None}
    labelled = chosen.with_labels({"anger": "angry", "gleeful": "happy", "gloomy": "sad"})
    assert labelled.source.column("expression") == ["angry", "happy", "sad"]
    assert labelled.source.column(ORIGINAL_LABEL) == ["anger", "gleeful", "gloomy"]


def test_a_parquet_column_of_pictures_may_have_any_name(png: Png) -> None:
    found = opened(photo=[png(40)], caption=["Sad"], emotion=["Sad"], usage=["PublicTest"], file_name=["a.png"])
    record = found.source[0]
    assert (record.expression, record.key, record.image[0, 0]) == ("sad", "a.png", 40)
    assert found.source.column("split") == ["PublicTest"]
    assert record.attributes["caption"] == "Sad"


def test_paths_inside_somebodys_file_are_not_followed(tmp_path: Path, png: Png) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    found = opened(image=[{"bytes": None, "path": str(secret)}, {"bytes": png(), "path": None}], label=[0, 3])
    with pytest.raises(DataError, match="has no picture"):
        found.source.picture(0)
    assert found.source.picture(1).shape == (16, 16)
    with pytest.raises(DataError, match="names files instead of holding pictures"):
        opened(image=[str(secret)])


def test_a_set_without_labels_is_opened_with_a_note(png: Png) -> None:
    found = opened(image=[png()])
    assert (found.labels, found.source.column("expression")) == ({}, [None])
    assert found.notes == ("It has no column of labels, so nothing can be said about labels and errors.",)


def test_nested_labels_and_fields_of_another_shape_cost_nothing_else(png: Png) -> None:
    found = opened(image=[png()] * 2, label=[[1, 2], [3]], landmarks=[[1.0, 2.0], [3.0]], box=[{"x": 1}, {"x": 2}])
    assert found.notes == ("Its labels are neither words nor whole numbers, so it was opened without labels.",)
    assert found.source[0].landmarks is None
    assert found.source[1].attributes == {"label": [3], "box": {"x": 2}}


def test_numbers_are_read_in_the_order_of_fer2013_if_they_can_be(png: Png) -> None:
    found = opened(image=[png()] * 3, label=[0, 3, 6])
    assert found.source.column("expression") == ["angry", "happy", "neutral"]
    assert "order of FER2013" in found.notes[0]
    beyond = opened(image=[png()] * 2, label=[3, 11])
    assert beyond.labels == {"3": "happy", "11": None}


def test_broken_and_missing_pictures_leave_the_others(png: Png) -> None:
    found = opened(image=[png(20), None, b"broken"], label=["happy"] * 3)
    assert found.source.picture(0)[0, 0] == 20
    with pytest.raises(DataError, match="no picture"):
        found.source.picture(1)
    with pytest.raises(ImageError, match="not a picture"):
        found.source.picture(2)


def test_parquet_files_in_a_zip_name_their_splits(png: Png) -> None:
    parts = {f"data/{name}.parquet": parquet(image=[png()], label=["sad"]) for name in ("train-0000", "test-0000")}
    assert open_upload("set.zip", zipped(parts)).source.column("split") == ["test", "train"]


def test_a_folder_on_this_machine_is_opened_like_its_zip(tmp_path: Path, png: Png) -> None:
    for name in ("train/happy/1.png", "test/joie/2.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(png())
    found = open_path(tmp_path)
    assert found.source.column("split") == ["test", "train"]
    assert found.source.column(ORIGINAL_LABEL) == ["joie", "happy"]
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "public_test.parquet").write_bytes(parquet(image=[png()], row=[7]))
    tables = open_path(tmp_path / "tables")
    assert (tables.source.column("split"), tables.source.column("key")) == (["test"], ["7"])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"hello", "neither a Parquet file nor a ZIP"),
        ("a.parquet", b"PAR1 and nothing more", "is damaged"),
        ("a.zip", b"PK and nothing more", "is damaged"),
        ("a.zip", zipped({"notes.txt": b"x"}), "holds no pictures"),
        ("a.parquet", parquet(age=[1]), "has no column of pictures; its columns are age"),
        ("a.parquet", parquet(image=pa.array([], pa.binary())), "has columns but no rows"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_a_sentence(name: str, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        open_upload(name, content)


def test_sets_beyond_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch, png: Png) -> None:
    monkeypatch.setattr(limits, "MOST_ROWS", 2)
    with pytest.raises(DataError, match="2 is the most"):
        opened(image=[png()] * 3)
    monkeypatch.setattr(limits, "LARGEST_UNPACKED", 1000)
    with pytest.raises(DataError, match="unpacks to"):
        open_upload("a.zip", zipped({"1.png": bytes(2000)}))
