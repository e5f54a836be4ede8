"""The command that holds an editor against true pairs writes what the app, the card and the documents read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fer_demo.errors import CheckpointError
from fer_demo.models.expression_judge import ExpressionJudge, ExpressionJudgeConfig
from fer_demo.models.pixel_regression import PixelRegression, PixelRegressionConfig
from tests.editors import tiny_landmark_editor
from tests.unit.training.evaluation.pairs.pairs_made_up import write_pairs, write_photographs
from training.engine.trained_on import TrainedOn
from training.evaluation.pairs import report, scores
from training.evaluation.pairs.command import PairsSettings, evaluate_pairs
from training.evaluation.pairs.data import LONDON, Task
from training.evaluation.pairs.table import JUDGED
from training.evaluation.record import Evaluation
from training.publishing.card_tables import tables_text


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """The evaluation of an untrained editor on four rendered people."""
    folder = tmp_path_factory.mktemp("pairs")
    write_pairs(folder / "data", people=4)
    tiny_landmark_editor(48).save(folder / "editor")
    TrainedOn({"synthetic": 1}).write(folder / "editor")
    write_photographs(folder / "data")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(report, "PEOPLE", 1)  # each takes two seconds to render
        patched.setattr(scores, "DRAWS", 100)
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
    further = {("Rendered people", "all expressions", False), ("LFW", "another photo", True)}
    assert set(rows) - further == {(name, expression, driven) for name, expression in tasks for driven in (False, True)}
    assert further < set(rows)
    driven = rows["London", "happy", True]["scores"]
    methods = {"LandmarkEditor at 1", "doing nothing", "mean displacement"}
    assert set(driven) == {*methods, "mean displacement, points only", "50/50 pixel blend", "true picture"}
    assert driven["doing nothing"]["mouth gain"][0] == pytest.approx(0, abs=0.1)
    assert "cosine" not in driven["doing nothing"]
    assert rows["CK+", "all expressions", False]["pairs"] == sum(
        rows["CK+", name, False]["pairs"] for name in ("sad", "surprise")
    )


def test_judges_read_every_task_beside_the_true_pictures(written: Evaluation) -> None:
    table = written.tables["pairs"]
    assert table["taught"] == {"happy": 2, "sad": 2, "surprise": 2, "neutral": 4}
    for row in (row for row in table["rows"] if row["set"] in ("London", "CK+")):
        for method in ("LandmarkEditor at 1", "doing nothing", "true picture"):
            assert set(JUDGED) <= set(row["scores"][method])
            assert row["scores"][method]["read by shape"][3] == row["pairs"]
        assert set(row["scores"]["true picture"]) == set(JUDGED)
    text = tables_text(written.tables)
    assert "**Read as the expression that was asked for**" in text
    assert "(happy 2, sad 2, surprise 2, neutral 4)" in text
    assert "| CK+: surprise, driven by another person | true picture | 2 | " in text


def test_rendered_people_are_compared_by_points_and_grey_levels_and_photographs_by_points(written: Evaluation) -> None:
    rows = {row["set"]: row for row in written.tables["pairs"]["rows"]}
    of_points = {"mouth gain", "brows gain", "eyes gain", "size", "cosine", "AKD"}
    assert set(rows["LFW"]["scores"]["LandmarkEditor at 1"]) == of_points
    assert set(rows["Rendered people"]["scores"]["LandmarkEditor at 1"]) == of_points | {"L1 gain", "L1", "APD"}
    assert (rows["LFW"]["people"], rows["LFW"]["pairs"], rows["Rendered people"]["pairs"]) == (2, 4, 6)
    text = tables_text(written.tables)
    assert "**LFW: a photo to another photo, driven by it (2 people, 4 pairs)**\n\nStrangers of the evaluation" in text
    assert "**Rendered people: neutral to all expressions, by name (1 people, 6 pairs)**" in text


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


def test_an_editor_by_name_is_asked_for_nothing_that_another_face_drives() -> None:
    by_name, driven = (Task(LONDON, "happy", of_face, ()) for of_face in (False, True))
    lines = PixelRegression(PixelRegressionConfig(size=16))
    assert report.possible(lines, [by_name, driven]) == [by_name]
    assert report.possible(tiny_landmark_editor(), [by_name, driven]) == [by_name, driven]
