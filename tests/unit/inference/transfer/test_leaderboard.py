"""The leaderboard says what the evaluation files say, and of every empty cell why it is empty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fer_demo.checkpoints import describe_model, load_model
from fer_demo.errors import CheckpointError
from fer_demo.inference.transfer.leaderboard import BASELINES, COLUMNS, Line, leaderboard
from fer_demo.interface.tabs.transfer.leaderboard_view import leaderboard_table
from fer_demo.published.model import PublishedModel
from tests.editors import tiny_landmark_editor


def measured(folder: Path, values: dict[str, Any]) -> PublishedModel:
    """An editor beside whose weights lies an evaluation."""
    tiny_landmark_editor().save(folder)
    model = load_model(str(folder))
    assert model.origin is not None
    content = {"weights_sha256": model.origin.sha256, "figures": [], "tables": {}, "measured": {}, **values}
    (folder / "evaluation.json").write_text(json.dumps(content))
    return model


def pairs(gain: float) -> dict[str, Any]:
    row = {"set": "CK+", "expression": "all expressions", "driven": False, "people": 23, "pairs": 59}
    scores = {
        "LandmarkEditor at 1": {"mouth gain": [gain, gain - 0.1, gain + 0.1, 59]},
        "doing nothing": {"mouth gain": [0.0, -0.01, 0.01, 59]},
        "mean displacement": {"mouth gain": [0.5, 0.4, 0.6, 59]},
    }
    other = {**row, "set": "London", "scores": {"LandmarkEditor at 1": {"mouth gain": [9.0, 9.0, 9.0, 25]}}}
    how = {"command": "python -m training evaluate pairs x", "seed": 0, "date": "2026-11-29", "machine": "x"}
    return {"tables": {"pairs": {"rows": [other, {**row, "scores": scores}]}}, "measured": {"pairs": how}}


def test_an_editor_and_the_baselines_stand_below_one_another(tmp_path: Path) -> None:
    editor, *baselines = leaderboard({"mine": measured(tmp_path, pairs(0.4))})
    assert (editor.title, editor.cells["mouth gain, by name"].value) == ("mine", 0.4)
    assert editor.cells["mouth gain, by name"].how == "23 people of CK+ who never teach, 59 pairs"
    assert editor.measured["pairs"].startswith("python -m training evaluate pairs x (2026-11-29")
    found = {line.title: line.cells["mouth gain, by name"].value for line in baselines}
    assert found == {"Copying the input": 0.0, "50/50 pixel blend": None, "Mean displacement": 0.5}


def test_an_empty_cell_says_why(tmp_path: Path) -> None:
    (editor, *_) = leaderboard({"mine": measured(tmp_path, pairs(0.4))})
    assert editor.cells["both at once"].why == "not measured: python -m training evaluate transfer"
    assert editor.cells["expression in the identity code"].why == "has no identity code"
    assert editor.cells["recognition accuracy"].why == "recognizes no expressions"
    assert editor.cells["brows gain, by name"].why == "not among what was measured"


def test_other_weights_have_no_figures(tmp_path: Path) -> None:
    model = measured(tmp_path, {**pairs(0.4), "weights_sha256": "of others"})
    (editor, *_) = leaderboard({"mine": model})
    assert all(cell.value is None for cell in editor.cells.values())


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    model = measured(tmp_path, {})
    (tmp_path / "evaluation.json").write_text("{")
    with pytest.raises(CheckpointError, match="cannot be used"):
        leaderboard({"mine": model})


@pytest.fixture(scope="module")
def bundled() -> tuple[Line, ...]:
    return leaderboard({name: describe_model(name) for name in ("landmark_editor", "pixel_regression")})


def test_a_label_translator_is_scored_where_it_can_be(bundled: tuple[Line, ...]) -> None:
    cells = bundled[1].cells
    assert cells["both at once"].value is not None
    assert cells["both at once"].how.endswith("told by name what each driver shows")
    assert cells["mouth gain, by driver"].why == "follows no face"
    assert cells["person in the expression code"].why == "has no codes"


def test_a_leak_stands_beside_its_controls(bundled: tuple[Line, ...]) -> None:
    beside = bundled[0].cells["person in the expression code"].beside
    assert beside.startswith("raw pixels 0.")
    assert "seven probabilities 0." in beside


def test_every_baseline_has_some_number_and_every_column_too(bundled: tuple[Line, ...]) -> None:
    assert {line.title for line in bundled if not line.name} == set(BASELINES)
    assert all(any(cell.value is not None for cell in line.cells.values()) for line in bundled)
    for column in COLUMNS:
        if column.name not in ("expression in the identity code", "recognition accuracy", "training FLOP"):
            assert any(line.cells[column.name].value is not None for line in bundled), column.name


def test_the_page_shows_the_largest_gain_first_and_links_methods_alone(bundled: tuple[Line, ...]) -> None:
    shown = leaderboard_table(bundled)
    titles = ("Mean displacement", "Landmark editor", "Pixel regression", "Copying the input")
    places = [shown.index(f">{title}<") for title in titles]
    assert places == sorted(places)
    assert shown.count("data-method=") == 2
    assert shown.count('aria-sort="descending"') == 1
