"""The faces that probes run on: by what they have in common, or as selected on the maps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fer_demo.data.embedding_table import (
    Basis,
    EmbeddingTable,
    Placement,
    Space,
    TableInfo,
    open_embedding_table,
    write_embedding_table,
)
from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError
from fer_demo.inference.leakage import probed_faces
from fer_demo.inference.leakage.probe_codes import ProbeCodes
from fer_demo.inference.leakage.probe_targets import PERSON
from fer_demo.inference.leakage.probed_faces import (
    ALL_FACES,
    SELECTED,
    bundled_faces,
    faces_of_map,
    probed_rows,
    selections,
)
from fer_demo.inference.leakage.probing import plan_probe


def test_selections_hold_the_faces_their_names_say() -> None:
    source = load_bundled()
    kept = selections(source)
    assert len(kept["all faces"]) == len(source)
    assert {source.column("expression")[row] for row in kept["neutral faces"]} == {"neutral"}
    assert len({source.column("person")[row] for row in kept["20 people only"]}) == 20
    assert min(source.column("intensity")[row] for row in kept["strong expressions"]) >= 0.6
    poses = np.stack([source.column("head_pose")[row] for row in kept["turned to the camera"]])
    assert np.abs(poses[:, :2]).max() < 10


def test_selected_faces_are_found_by_their_keys_in_any_order() -> None:
    source = load_bundled()
    keys = source.column("key")
    assert probed_rows(source, SELECTED, (keys[40], keys[3], "nobody")).tolist() == [3, 40]
    assert len(probed_rows(source, ALL_FACES, (keys[3],))) == len(source)


@pytest.mark.parametrize(("name", "keys"), [("the best faces", ("a",)), (SELECTED, ())])
def test_faces_that_nobody_chose_are_refused(name: str, keys: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="no longer there"):
        probed_rows(load_bundled(), name, keys)


def test_the_words_say_on_how_many_faces_of_how_many_people() -> None:
    source = load_bundled()
    keys = source.column("key")
    codes = ProbeCodes("", {}, tuple(keys), np.zeros(len(source)), {"pixels": np.zeros((len(source), 2))})
    selected = [keys[row] for row in (*range(56), 60)]  # two people whole, and one face of a third
    faces = bundled_faces(source, codes, PERSON, SELECTED, selected)
    assert faces.codes["pixels"].shape == (57, 2)
    words = faces.words(plan_probe(faces.target, faces.people, seed=0))
    assert words.startswith("Tested on 57 of 1,960 faces (selected on the maps), of 2 people. 1 are left out: their")
    everyone = bundled_faces(source, codes, PERSON)
    assert everyone.words(plan_probe(everyone.target, everyone.people, seed=0)) == "Tested on all faces, of 70 people."


@pytest.fixture
def table(tmp_path: Path) -> EmbeddingTable:
    """Six faces of nobody in particular; their one code is their place in the table."""
    codes = np.arange(6, dtype=np.float32)[:, None]
    basis = Basis(np.zeros(1, np.float32), np.ones((1, 1), np.float32))
    ones = np.ones(6)
    space = Space(codes, basis, ones, {"pca": Placement(np.ones((6, 2)), ones, ones)})
    share = {"identity": 1.0}
    labels: dict[str, list[Any]] = {
        "expression": ["sad", None] * 3,
        "yaw": [5.0 * row for row in range(6)],
        "glasses": [True, False] * 3,
    }
    info = TableInfo(
        "tdgan", "0" * 64, "mine", tuple(labels), ("identity",), ("pca",), {"identity": 1}, share, share, 1
    )
    write_embedding_table(tmp_path / "mine.parquet", info, list("abcdef"), labels, {"identity": space})
    return open_embedding_table(tmp_path / "mine.parquet")


def test_faces_of_any_map_are_probed_by_what_its_table_keeps(
    table: EmbeddingTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = faces_of_map(table, "mine", "head turn", ("e", "b", "gone", "c"))
    assert faces.target.values == [5.0, 10.0, 20.0]
    assert faces.target.title == "the head's turn to a side"
    assert faces.codes["identity"][:, 0].tolist() == [1, 2, 4]
    assert faces.people == [None] * 3
    assert faces.which == "3 of 6 faces (selected on the maps), by the codes of the map “mine”"
    assert faces_of_map(table, "mine", "glasses", "ab").target.values == ["yes", "no"]
    monkeypatch.setattr(probed_faces, "_MOST", 3)
    assert faces_of_map(table, "mine", "expression", "abcdef").codes["identity"][:, 0].tolist() == [0, 2, 5]


def test_faces_and_labels_that_a_map_lacks_are_one_sentence(table: EmbeddingTable) -> None:
    for name in ("person", "skin", "shoes"):
        with pytest.raises(DataError, match=f"no label “{name}”"):
            faces_of_map(table, "mine", name, "ab")
    with pytest.raises(DataError, match="no longer on the map"):
        faces_of_map(table, "mine", "glasses", ("x",))
