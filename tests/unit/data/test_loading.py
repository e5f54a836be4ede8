"""Faces come from Parquet, folders and the Hub with the same words, whatever the columns are called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_demo.data import hub_access, loading
from fer_demo.data.loading import load_bundled, load_fer2013, load_folder, load_hub, load_lfw, load_parquet
from fer_demo.errors import DataError

Pictures = list[dict[str, object]]


def write(path: Path, **columns: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def test_fer2013_leaves_degraded_rows_out_unless_asked(tmp_path: Path, pictures: Pictures) -> None:
    write(
        tmp_path / "fer2013" / "public_test.parquet",
        image=pictures,
        expression=[0, 1, 2, 3, 4, 6],
        votes=[[1] * 10] * 6,
        row=[70, 71, 72, 73, 74, 75],
        exact_row=[True, False, True, True, True, True],
        in_other_split=[False] * 5 + [True],
        ambiguous_label=[False] * 6,
    )
    source = load_fer2013(tmp_path, "public_test")
    assert source.column("expression") == ["angry", "fear", "happy", "sad", "neutral"]
    assert source.column("key") == ["70", "72", "73", "74", "75"]
    assert source[4].attributes == {"row": 75, "exact_row": True, "in_other_split": True, "ambiguous_label": False}
    assert source[1].votes is not None
    assert source[1].votes.sum() == 10
    assert len(load_fer2013(tmp_path, "public_test", keep_inexact=True)) == 6


def test_lfw_names_persons(tmp_path: Path, pictures: Pictures) -> None:
    people = ["Ann", "Ann", "Bo", "Bo", "Bo", "Cy"]
    write(tmp_path / "lfw" / "train.parquet", image=pictures, person=people, photo=[1, 2, 1, 2, 3, 1])
    source = load_lfw(tmp_path)
    assert source[4].person == "Bo"
    assert source.column("key") == ["Ann/1", "Ann/2", "Bo/1", "Bo/2", "Bo/3", "Cy/1"]
    assert source.column("expression") == [None] * 6


def test_the_bundled_set_has_units(tmp_path: Path, pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(
        tmp_path / "bundled.parquet",
        image=pictures,
        key=[f"face-{row}" for row in range(6)],
        person=["p1"] * 6,
        expression=["happy"] * 6,
        intensity=[0.5] * 6,
        units=[[0.25] * 52] * 6,
    )
    monkeypatch.setattr(loading, "BUNDLED", path)
    record = load_bundled()[2]
    assert (record.source, record.key, record.person, record.expression) == ("bundled", "face-2", "p1", "happy")
    assert record.units is not None
    assert record.units.shape == (52,)
    assert record.attributes == {"intensity": 0.5}


def test_units_may_be_called_blendshapes_and_stand_in_a_file_twice(tmp_path: Path, pictures: Pictures) -> None:
    columns = {"image": pictures, "expression": ["happy"] * 6}
    for names in (("blendshapes",), ("units", "blendshapes"), ("blendshapes", "units")):
        path = write(tmp_path / "faces.parquet", **columns, **{name: [[0.25] * 52] * 6 for name in names})
        record = load_parquet(path)[0]
        assert record.units is not None
        assert record.units.tolist() == [0.25] * 52
        assert record.attributes == {}


@pytest.mark.parametrize("column", ["expression", "label", "labels", "emotion"])
def test_labels_are_understood_as_words_and_as_fer2013_numbers(tmp_path: Path, pictures: Pictures, column: str) -> None:
    words = write(tmp_path / "words.parquet", image=pictures, **{column: ["Anger", "HA", "sad", "unknown", None, "SU"]})
    assert load_parquet(words).column("expression") == ["angry", "happy", "sad", None, None, "surprise"]
    numbers = write(tmp_path / "numbers.parquet", image=pictures, **{column: [0, 1, 2, 3, 4, None]})
    assert load_parquet(numbers).column("expression") == ["angry", "disgust", "fear", "happy", "sad", None]


def test_class_names_in_the_file_decide_what_numbers_mean(tmp_path: Path, pictures: Pictures) -> None:
    features = datasets.Features(
        {"img": datasets.Image(), "label": datasets.ClassLabel(names=["neutral", "Happiness", "not a face"])}
    )
    path = tmp_path / "named.parquet"
    datasets.Dataset.from_dict({"img": pictures, "label": [0, 1, 2, 1, 0, 0]}, features).to_parquet(path)
    source = load_parquet(path)
    assert source.column("expression") == ["neutral", "happy", None, "happy", "neutral", "neutral"]
    assert source[3].image[0, 0] == 30


def test_a_folder_of_parquet_files_is_one_source(tmp_path: Path, pictures: Pictures) -> None:
    write(tmp_path / "faces" / "part-1.parquet", image=pictures[3:], identity=[7, 8, 9])
    write(tmp_path / "faces" / "part-0.parquet", image=pictures[:3], identity=[4, 5, 6])
    source = load_parquet(tmp_path / "faces")
    assert source.name == "faces"
    assert source.column("person") == ["4", "5", "6", "7", "8", "9"]


def test_wrong_parquet_files_are_refused_with_a_sentence(tmp_path: Path, pictures: Pictures) -> None:
    with pytest.raises(DataError, match="no Parquet file"):
        load_parquet(tmp_path / "nowhere.parquet")
    with pytest.raises(DataError, match="no Parquet file"):
        load_parquet(tmp_path)
    (tmp_path / "text.parquet").write_text("not parquet")
    with pytest.raises(DataError, match="damaged"):
        load_parquet(tmp_path / "text.parquet")
    with pytest.raises(DataError, match=r"column of pictures.*age"):
        load_parquet(write(tmp_path / "ages.parquet", age=[1, 2]))
    with pytest.raises(DataError, match="neither words nor whole numbers"):
        load_parquet(write(tmp_path / "floats.parquet", image=pictures, label=[0.5] * 6))
    with pytest.raises(DataError, match="are not expressions: 9"):
        load_parquet(write(tmp_path / "big.parquet", image=pictures, label=[9] * 6))
    with pytest.raises(DataError, match="fer2013"):
        load_fer2013(tmp_path, "train")


def save(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_folders_named_after_expressions_label_their_pictures(tmp_path: Path, png: Callable[..., bytes]) -> None:
    for name in ("train/happy/b.png", "train/happy/a.PNG", "train/Anger/c.png", "train/other/d.png", "train/notes.txt"):
        save(tmp_path / name, png(60))
    source = load_folder(tmp_path)
    assert source.column("key") == ["train/Anger/c.png", "train/happy/a.PNG", "train/happy/b.png", "train/other/d.png"]
    assert source.column("expression") == ["angry", "happy", "happy", None]
    assert source[0].image[0, 0] == 60


def test_other_folders_name_persons_even_if_one_is_called_joy(tmp_path: Path, png: Callable[..., bytes]) -> None:
    for name in ("Joy/1.png", "Mary/1.png", "Peter/1.png"):
        save(tmp_path / name, png())
    source = load_folder(tmp_path)
    assert source.column("person") == ["Joy", "Mary", "Peter"]
    assert source.column("expression") == [None] * 3


def test_a_flat_folder_has_faces_without_labels(tmp_path: Path, png: Callable[..., bytes]) -> None:
    save(tmp_path / "1.png", png())
    source = load_folder(tmp_path)
    assert (source[0].key, source[0].person, source[0].expression) == ("1.png", None, None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no pictures"):
        load_folder(tmp_path / "empty")
    with pytest.raises(DataError, match="no folder"):
        load_folder(tmp_path / "nowhere")


@pytest.fixture
def hub_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_access, "_hub_answers", lambda endpoint: True)
    monkeypatch.setattr(hub_access, "_stated_files", lambda repo, revision, token: iter(()))


def answer_with(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def load_dataset(repo: str, split: str, revision: str | None) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)


@pytest.mark.usefixtures("hub_answers")
def test_a_hub_dataset_is_read_like_a_file(monkeypatch: pytest.MonkeyPatch, pictures: Pictures) -> None:
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["sad", "happy"])})
    whole = datasets.Dataset.from_dict({"image": pictures, "label": [0, 1, 0, 1, 0, 1]}, features)
    answer_with(monkeypatch, whole.select([5, 2]))
    source = load_hub("someone/faces")
    assert source.name == "someone/faces"
    assert source.column("expression") == ["happy", "sad"]
    assert np.array_equal(source[0].image, np.full((16, 16), 50))


@pytest.mark.usefixtures("hub_answers")
def test_hub_failures_are_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, datasets.exceptions.DatasetNotFoundError("404 ...\nlong text"))
    with pytest.raises(DataError, match=r"no dataset someone/gone at revision v2.*private"):
        load_hub("someone/gone", revision="v2")
    answer_with(monkeypatch, ValueError("Unknown split \"dev\". Should be one of ['train'].\nmore"))
    with pytest.raises(DataError, match=r"split “dev”: Unknown split") as caught:
        load_hub("someone/faces", split="dev")
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="owner/name"):
        load_hub("no such id")


def test_a_hub_that_is_away_is_noticed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.is_offline_mode", lambda: False)
    with pytest.raises(DataError, match="cannot be reached"):
        load_hub("someone/faces")
