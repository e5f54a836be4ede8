"""The command that holds an editor against true pairs writes what the app, the card and the documents read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_demo.errors import CheckpointError
from fer_demo.models.expression_judge import ExpressionJudge, ExpressionJudgeConfig
from tests.editors import tiny_landmark_editor
from tests.unit.training.evaluation.pairs.pairs_made_up import write_pairs
from training.engine.trained_on import TrainedOn
from training.evaluation.pairs.command import PairsSettings, evaluate_pairs
from training.evaluation.record import Evaluation
from training.publishing.card_tables import tables_text


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """The evaluation of an untrained editor on four rendered people."""
    folder = tmp_path_factory.mktemp("pairs")
    write_pairs(folder / "data", people=4)
    tiny_landmark_editor(48).save(folder / "editor")
    TrainedOn({"synthetic": 1}).write(folder / "editor")
    return Evaluation.read(evaluate_pairs(PairsSettings(str(folder / "editor"), folder / "data")))


def test_every_task_is_scored_for_the_editor_and_for_what_it_must_beat(written: Evaluation) -> None:
    rows = {(row["set"], row["expression"], row["driven"]): row for row in written.tables["pairs"]["rows"]}
    tasks = [
        ("London", "happy"),
        ("London", "neutral"),
        ("CK+", "sad"),
        ("CK+", "surprise"),
        ("CK+", "all expressions"),
    ]
    assert set(rows) == {(name, expression, driven) for name, expression in tasks for driven in (False, True)}
    driven = rows["London", "happy", True]["scores"]
    methods = {"LandmarkEditor at 1", "doing nothing", "mean displacement"}
    assert set(driven) == {*methods, "mean displacement, points only", "50/50 pixel blend"}
    assert driven["doing nothing"]["mouth gain"][0] == pytest.approx(0, abs=0.1)
    assert "cosine" not in driven["doing nothing"]
    assert rows["CK+", "all expressions", False]["pairs"] == sum(
        rows["CK+", name, False]["pairs"] for name in ("sad", "surprise")
    )


def test_its_figures_say_on_whom(written: Evaluation) -> None:
    figures = {(figure.name, figure.data) for figure in written.figures}
    assert ("mouth gain, amount 1", "London, 2 people who never teach: happy, by name") in figures
    assert ("mouth gain, amount 1", "CK+, 2 people who never teach: all expressions, by name") in figures
    assert written.measured["pairs"].command == "python -m training evaluate pairs editor --data DATA"


def test_the_card_shows_the_table(written: Evaluation) -> None:
    text = tables_text(written.tables)
    assert "### Beside the true picture of the same person" in text
    assert "London: neutral to happy, driven by another person (2 people, 2 pairs)" in text
    json.dumps(written.tables)


def test_a_recognizer_is_refused(tmp_path: Path) -> None:
    ExpressionJudge(ExpressionJudgeConfig()).save(tmp_path)
    with pytest.raises(CheckpointError, match="edits no faces"):
        evaluate_pairs(PairsSettings(str(tmp_path), tmp_path))
