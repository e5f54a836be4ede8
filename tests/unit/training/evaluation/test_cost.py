"""What an editor costs is counted and timed, and its training is taken from the record of its run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from tests.editors import tiny_landmark_editor
from training.engine.trained_on import TrainedOn
from training.evaluation.cost import CostSettings, StageCost, evaluate_cost, stages_on_record
from training.evaluation.part import place_of
from training.evaluation.record import Evaluation
from training.publishing.card_tables import chain_text


def test_a_run_is_counted_timed_and_its_stages_are_summed(tmp_path: Path) -> None:
    model = tiny_landmark_editor()
    model.save(tmp_path / "best")
    stages = [
        {"stage": name, "images": 100, "minutes": 1.5, "flop": 2e9, "sha256": "", "settings": {}}
        for name in ("reader", "motion")
    ]
    (tmp_path / "stages.json").write_text(json.dumps(stages))
    TrainedOn({"lfw": 1}).write(tmp_path / "best")
    evaluation = Evaluation.read(evaluate_cost(CostSettings(str(tmp_path), edits=3)))
    found = {figure.name: figure for figure in evaluation.figures}
    assert found["trainable values"].value == model.parameter_count()
    assert found["time of one edit"].value > 0
    assert (found["minutes of training"].value, found["minutes of training"].count) == (3.0, 200)
    assert found["floating-point operations of training"].value == 4e9
    assert evaluation.measured["cost"].command.endswith("--edits 3")


def test_a_run_without_a_record_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny_landmark_editor().save(tmp_path)
    TrainedOn({"lfw": 1}).write(tmp_path)
    evaluation = Evaluation.read(evaluate_cost(CostSettings(str(tmp_path), edits=3)))
    assert "minutes of training" not in {figure.name for figure in evaluation.figures}
    assert "kept no record of its stages" in capsys.readouterr().out


def test_the_card_of_a_published_checkpoint_is_a_record() -> None:
    stages = stages_on_record(place_of("landmark_editor"))
    assert len(stages) == 5
    assert {stage.flop for stage in stages} == {0.0}  # its run was before they were counted


def test_the_table_of_a_card_is_read_back(tmp_path: Path) -> None:
    chain = [
        {"stage": "reader", "images": 56_000, "minutes": 1.25, "flop": 2.5e13, "sha256": "ab" * 32, "settings": {}},
        {"stage": "motion", "images": 20, "minutes": 0.1, "sha256": "cd" * 32, "settings": {}},
    ]
    (tmp_path / "README.md").write_text(chain_text(chain))
    assert stages_on_record(tmp_path) == [StageCost(56_000, 1.2, 2.5e13), StageCost(20, 0.1, 0.0)]


def test_a_card_without_stages_records_none() -> None:
    assert stages_on_record(place_of("face_landmarker")) == []


def test_what_edits_nothing_is_refused(tmp_path: Path) -> None:
    ExpressionClassifier(ExpressionClassifierConfig(size=32, stem=4, widths=(4,), blocks=(1,))).save(tmp_path)
    with pytest.raises(CheckpointError, match="edits no faces"):
        evaluate_cost(CostSettings(str(tmp_path)))
    with pytest.raises(SettingsError, match="--edits 3"):
        CostSettings(str(tmp_path), edits=1)
