"""Editors side by side, and their evaluations as they travel with the weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fer_demo import checkpoints
from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC
from fer_demo.inference.transfer.comparison import (
    COMPARISON_COLUMNS,
    Score,
    comparison_rows,
    joined,
    measured_transfer,
    run_editor,
)
from fer_demo.inference.transfer.transfer import direction_to


def test_an_untouched_face_is_as_sharp_and_as_bright_as_it_was(photo_editor, recognizer, embedder, halves):
    result = run_editor(photo_editor, recognizer, embedder, direction_to(photo_editor, halves(30, 200), "happy"), 0.0)
    assert result.brightness == pytest.approx(0, abs=0.1)
    assert result.sharpness == pytest.approx(1, abs=0.05)
    assert result.kept is not None
    assert result.kept.distances[0] == pytest.approx(0, abs=1e-3)


def test_a_comparison_goes_away_as_a_table(photo_editor, recognizer, embedder, halves):
    direction = direction_to(photo_editor, halves(30, 200), "happy")
    results = {"A": run_editor(photo_editor, recognizer, embedder, direction, 0.3)}
    (row,) = comparison_rows(results, "happy")
    values = dict(zip(COMPARISON_COLUMNS, row, strict=True))
    assert (values["editor"], values["wanted"], values["alpha"]) == ("A", "happy", "0.3000")
    assert sum(float(values[name]) for name in BASIC) == pytest.approx(1, abs=1e-3)
    assert values["same_person"] in ("yes", "no")


def test_a_grey_editors_result_gets_the_photos_chroma(editor, recognizer, halves):
    result = run_editor(editor, recognizer, None, direction_to(editor, halves(30, 200), "happy"), 1.0)
    assert result.picture.shape == (8, 8, 3)
    assert result.kept is None


def test_the_bundled_evaluation_is_of_the_bundled_weights():
    model = load_model("tdgan")
    table = measured_transfer("tdgan", model)
    assert table is not None
    assert table.methods[1:] == ("input copied", "driver copied", "50/50 pixel blend")
    kept = next(column for column in table.columns if column.name == "identity kept")
    assert kept.scores[1] == Score(1.0, 1.0, 1.0, kept.scores[1].count)
    assert measured_transfer("elsewhere", model) is None


def written(folder: Path, model, value: float, sha256: str | None = None) -> None:
    column = {"name": "reached", "unit": "", "better": "high", "meaning": "so", "data": "faces"}
    rows = [{"method": "M", "scores": {"reached": [value, 0, 1, 5]}}, {"method": "copy", "scores": {}}]
    table = {"columns": [column], "rows": rows}
    values = {"weights_sha256": sha256 or model.origin.sha256, "tables": {"transfer": table}}
    (folder / "landmark_editor").mkdir(exist_ok=True)
    (folder / "landmark_editor" / "evaluation.json").write_text(json.dumps(values))


def test_an_evaluation_of_other_weights_does_not_count_and_a_damaged_one_is_said(photo_editor, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path)
    assert measured_transfer("landmark_editor", photo_editor) is None
    written(tmp_path, photo_editor, 0.5)
    table = measured_transfer("landmark_editor", photo_editor)
    assert table is not None
    assert [column.scores for column in table.columns] == [(Score(0.5, 0, 1, 5), None)]
    written(tmp_path, photo_editor, 0.5, sha256="other")
    assert measured_transfer("landmark_editor", photo_editor) is None
    (tmp_path / "landmark_editor" / "evaluation.json").write_text("[]")
    with pytest.raises(CheckpointError, match="evaluate transfer"):
        measured_transfer("landmark_editor", photo_editor)


def test_tables_are_joined_model_by_model_before_the_baselines(photo_editor, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path)
    tables = []
    for value in (0.5, 0.25):
        written(tmp_path, photo_editor, value)
        tables.append(measured_transfer("landmark_editor", photo_editor))
    both = joined(tables)
    assert both.methods == ("M", "M", "copy")
    assert [None if score is None else score.value for score in both.columns[0].scores] == [0.5, 0.25, None]
    assert np.isfinite(both.columns[0].scores[0].low)
