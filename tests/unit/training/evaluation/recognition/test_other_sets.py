"""A recognizer on a set that somebody names: what is measured, what is left out, and folds that share nobody."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fer_demo.data.loading import load_bundled
from fer_demo.data.opening import open_upload
from fer_demo.errors import DataError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from training.engine.trained_on import TrainedOn
from training.evaluation.commands import RecognitionSettings, evaluate_recognition
from training.evaluation.recognition.other_sets import SetAnswers, fold_figures, set_figures
from training.evaluation.record import Evaluation

FOLDERS = ("Surprise", "Fear", "Disgust", "Happiness", "Sadness", "Anger", "Neutral")


@pytest.fixture(scope="module")
def raf_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RAF-DB's layout with rendered faces, two of each expression, and one line too many."""
    root = tmp_path_factory.mktemp("raf-db")
    source = load_bundled()
    shown = source.column("expression")
    (root / "aligned").mkdir()
    lines = []
    for place, name in enumerate(("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"), 1):
        for number in range(2):
            row = [row for row, label in enumerate(shown) if label == name][number]
            stem = f"train_{10 * place + number:05d}"
            Image.fromarray(source.picture(row)).save(root / "aligned" / f"{stem}_aligned.jpg")
            lines.append(f"{stem}.jpg {place}")
    (root / "list_patition_label.txt").write_text("\n".join([*lines, "train_99999.jpg 3"]))
    return root


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    config = ExpressionClassifierConfig(size=16, trim=(0.0, 0.0, 0.0, 0.0), stem=4, widths=(4,), blocks=(1,), squeeze=0)
    ExpressionClassifier(config).save(tmp_path / "best")
    TrainedOn({"fer2013": 4}).write(tmp_path / "best")
    return tmp_path


def test_a_named_set_is_a_part_of_the_evaluation(raf_db: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = evaluate_recognition(RecognitionSettings((model,), on=f"raf-db:{raf_db}", folds=2, by="picture"))
    evaluation = Evaluation.read(path)
    assert set(evaluation.measured) == {"recognition, raf-db"}
    command = evaluation.measured["recognition, raf-db"].command
    assert command.endswith("--on raf-db:PATH --folds 2 --by picture")
    assert str(raf_db) not in json.dumps(path.read_text())
    found = {(figure.name, figure.data): figure for figure in evaluation.figures}
    assert found["accuracy, face and its mirror image", "raf-db"].count == 14
    assert found["read as happy, of those that are", "raf-db"].count == 2
    assert ("accuracy, mean", "raf-db, 2 folds by picture") in found
    assert ": 14 pictures, 14 with an expression, of 0 named people." in capsys.readouterr().out
    assert not (path.parent / "calibration.json").exists()


def test_the_command_measures_what_the_explorer_opens(raf_db: Path, model: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(path for path in raf_db.rglob("*") if path.is_file()):
            packed.write(file, file.relative_to(raf_db))
    opened = open_upload("RAF-DB.zip", archive.getvalue())  # as the Dataset tab does
    shown = Counter(opened.source.column("expression"))
    evaluation = Evaluation.read(evaluate_recognition(RecognitionSettings((model,), on=str(raf_db), by="picture")))
    read = {figure.name: figure.count for figure in evaluation.figures if figure.name.startswith("read as")}
    assert opened.layout == "RAF-DB"
    assert read == {f"read as {name}, of those that are": count for name, count in shown.items()}


@pytest.mark.parametrize(("taught", "said"), [("raf-db", True), ("fer2013", False)])
@pytest.mark.parametrize("named", [True, False])
def test_a_set_that_taught_the_model_is_said_to_have(
    raf_db: Path, model: Path, taught: str, said: bool, named: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    TrainedOn({taught: 4}).write(model / "best")
    on = f"raf-db:{raf_db}" if named else str(raf_db)
    path = evaluate_recognition(RecognitionSettings((model,), on=on, by="picture"))
    assert ("taught this model; it reads those better" in capsys.readouterr().out) == said
    assert all(("taught the model" in figure.data) == said for figure in Evaluation.read(path).figures)


def test_folds_by_person_need_people(raf_db: Path, model: Path) -> None:
    with pytest.raises(DataError, match="names nobody, so folds cannot go by person"):
        evaluate_recognition(RecognitionSettings((model,), on=f"raf-db:{raf_db}", folds=2))


def answered(said: list[int], groups: list[str]) -> SetAnswers:
    truth = np.arange(len(said)) % len(BASIC)
    logits = np.eye(len(BASIC))[np.roll(truth, 0)] * 5  # tells the truth, in another order
    return SetAnswers(truth, np.array(said), logits[:, ::-1].copy(), None, groups)


def test_figures_are_those_of_the_answers() -> None:
    said = [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 0]
    figures = {figure.name: figure.value for figure in set_figures(answered(said, []), "set", 0)}
    assert figures["accuracy, face and its mirror image"] == pytest.approx(13 / 14)
    assert figures["read as neutral, of those that are"] == 0.5
    assert figures["balanced accuracy"] == pytest.approx(6.5 / 7)


def test_answers_fitted_on_other_people_find_what_the_model_says_in_other_words() -> None:
    groups = [f"person {row // 7}" for row in range(42)]
    found = answered([0] * 42, groups)
    figures = {figure.name: figure.value for figure in fold_figures(found, 3, "person", "set", 0)}
    assert figures["accuracy, mean"] == pytest.approx(1 / 7)
    assert figures["accuracy, standard deviation"] == pytest.approx(0)
    assert figures["accuracy, answers fitted on the other folds, mean"] == 1
    with pytest.raises(DataError, match=r"6 of them \(person\) do not make 7 folds"):
        fold_figures(found, 7, "person", "set", 0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Give either --data"),
        ({"data": Path("x"), "on": "x"}, "Give either --data"),
        ({"data": Path("x"), "folds": 5}, "--folds are two or more"),
        ({"on": "x", "folds": 1}, "--folds are two or more"),
    ],
)
def test_settings_that_do_not_fit_are_one_sentence(given: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        RecognitionSettings((Path("run"),), **given)
