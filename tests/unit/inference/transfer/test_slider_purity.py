"""The measured purity of sliders is read for exactly the weights it was measured on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_demo import checkpoints
from fer_demo.errors import CheckpointError
from fer_demo.inference.transfer.slider_purity import SliderPurity, measured_sliders
from fer_demo.published.model import FaceModelConfig, Origin, PublishedModel

ROWS = [{"slider": "smile", "scores": {"purity": [0.474, 0.43, 0.51, 16], "reached": [0.754, 0.7, 0.8, 16]}}]


@pytest.fixture(autouse=True)
def bundled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checkpoints, "BUNDLED_FOLDER", tmp_path)


def model() -> PublishedModel:
    found = PublishedModel(FaceModelConfig())
    found.origin = Origin("landmark_editor", None, "1" * 64)
    return found


def write(folder: Path, weights: str = "1" * 64, **tables: object) -> None:
    (folder / "landmark_editor").mkdir(exist_ok=True)
    values = {"weights_sha256": weights, "tables": tables}
    (folder / "landmark_editor" / "evaluation.json").write_text(json.dumps(values))


def test_purity_is_read_and_said_in_a_line(tmp_path: Path) -> None:
    write(tmp_path, sliders={"rows": ROWS})
    found = measured_sliders("landmark_editor", model())
    assert found == {"smile": SliderPurity(0.474, 0.43, 0.51, 0.754)}
    assert found["smile"].words == "75% of the true strength; 47% pure (43% to 51%)"


def test_without_a_measurement_of_these_weights_there_is_nothing(tmp_path: Path) -> None:
    assert measured_sliders("landmark_editor", model()) == {}
    write(tmp_path)
    assert measured_sliders("landmark_editor", model()) == {}
    write(tmp_path, "2" * 64, sliders={"rows": ROWS})
    assert measured_sliders("landmark_editor", model()) == {}
    assert measured_sliders("someone/model", model()) == {}


def test_a_damaged_table_is_one_sentence(tmp_path: Path) -> None:
    write(tmp_path, sliders={"rows": [{"slider": "smile"}]})
    with pytest.raises(CheckpointError, match="evaluate sliders"):
        measured_sliders("landmark_editor", model())
