"""What was measured beside true pictures is read for exactly the weights it was measured with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_demo.errors import CheckpointError
from fer_demo.inference.transfer.true_pairs import NaturalSize, measured_pairs, natural_size
from fer_demo.published.evaluation_file import Score
from fer_demo.published.model import FaceModelConfig, Origin, PublishedModel

WEIGHTS = "1" * 64


def model(folder: Path, weights: str = WEIGHTS) -> PublishedModel:
    found = PublishedModel(FaceModelConfig())
    found.origin = Origin(str(folder), None, weights)
    return found


def row(of: str, expression: str, driven: bool, pairs: int, size: float) -> dict[str, object]:
    nothing = {"mouth gain": [0.0, 0.0, 0.0, pairs]}
    scores = {"doing nothing": nothing, "LandmarkEditor at 1": {"size": [size, size - 0.1, size + 0.1, pairs]}}
    return {"set": of, "expression": expression, "driven": driven, "people": pairs, "pairs": pairs, "scores": scores}


ROWS = [
    row("CK+", "happy", False, 13, 0.4),
    row("London", "happy", False, 25, 0.9),
    row("London", "happy", True, 25, 0.6),
    row("CK+", "surprise", False, 20, 0.63),
    row("CK+", "fear", False, 1, 0.29),
]


def write(folder: Path, table: object) -> Path:
    (folder / "evaluation.json").write_text(json.dumps({"weights_sha256": WEIGHTS, "tables": {"pairs": table}}))
    return folder


def test_the_size_is_that_of_the_most_pairs_times_the_amount(tmp_path: Path) -> None:
    editor = model(write(tmp_path, {"rows": ROWS}))
    assert natural_size(editor, "happy", False, 1.0) == NaturalSize(0.9, "happy")
    assert natural_size(editor, "happy", True, 0.5) == NaturalSize(0.3, "happy")
    assert natural_size(editor, "happy", False, 0.0) == NaturalSize(0.0, "happy")
    assert natural_size(editor, "happy", False, -0.2) is None  # the other way
    assert natural_size(editor, "fear", False, 1.0) is None  # one pair says nothing
    assert natural_size(editor, "sad", False, 1.0) is None
    assert measured_pairs(editor)[1].scores == {"size": Score(0.9, 0.8, 1.0, 25)}
    assert measured_pairs(editor)[1].truth == {}


def test_what_judges_read_of_the_true_pictures_is_kept_beside_the_editors_scores(tmp_path: Path) -> None:
    one = row("London", "happy", False, 25, 0.9)
    read = {"true picture": {"read by shape": [0.76, 0.56, 0.92, 25]}}
    editor = model(write(tmp_path, {"rows": [{**one, "scores": one["scores"] | read}]}))  # type: ignore[operator]
    assert measured_pairs(editor)[0].truth == {"read by shape": Score(0.76, 0.56, 0.92, 25)}


def test_it_is_said_in_words() -> None:
    assert NaturalSize(0.9, "happy").words == "Natural size 0.9 (1.0 = as people smile)."
    assert NaturalSize(0.63, "surprise").words == "Natural size 0.6 (1.0 = as people show surprise)."


def test_nothing_is_said_of_other_weights_and_of_editors_that_were_not_measured(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    others = (
        model(tmp_path / "none"),
        model(write(tmp_path, {"rows": ROWS}), "2" * 64),
        PublishedModel(FaceModelConfig()),
    )
    for editor in others:
        assert measured_pairs(editor) == ()
        assert natural_size(editor, "happy", False, 1.0) is None


@pytest.mark.parametrize("table", [{"rows": [{}]}, {"rows": [{**ROWS[0], "scores": {}}]}, [1]])
def test_a_damaged_table_is_one_sentence(tmp_path: Path, table: object) -> None:
    with pytest.raises(CheckpointError, match="evaluate pairs"):
        natural_size(model(write(tmp_path, table)), "happy", False, 1.0)
