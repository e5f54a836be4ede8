"""A tiny run is evaluated on made-up data laid out like FER2013 and LFW, and its parts are joined by their weights."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.detection import DetectedFace
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.published.calibration import COVERAGES, Calibration
from fer_demo.published.evaluation_file import read_evaluation, recognition_tables, vote_tables
from training.engine.trained_on import TrainedOn
from training.evaluation.commands import RecognitionSettings, evaluate_recognition
from training.evaluation.part import place_of, recipe_of
from training.evaluation.recognition import report as reporting
from training.evaluation.recognition import robustness
from training.evaluation.recognition.human_line import vote_majority
from training.evaluation.record import Evaluation, Figure, Measurement
from training.evaluation.several_runs import spread_over_runs
from training.evaluation.votes import VoteSettings, drawn_apart, evaluate_votes
from training.publishing.publish import PublishSettings, publish


def table_of(source: FaceSource, person: bool) -> pa.Table:
    """Records as the parquet files of FER2013 or LFW hold them."""
    files = []
    for record in source:
        file = io.BytesIO()
        Image.fromarray(record.image).save(file, format="PNG")
        files.append(file.getvalue())
    columns: dict[str, object] = {
        "image": files,
        "landmarks": [record.landmarks.tolist() for record in source if record.landmarks is not None],
    }
    if person:
        columns |= {"person": source.column("person"), "photo": list(range(len(source)))}
    else:
        labels = [BASIC.index(name) for name in source.column("expression")]
        votes = np.zeros((len(labels), 10), int)
        votes[np.arange(len(labels)), [label % 8 for label in labels]] = 7
        votes[np.arange(len(labels)), [(row + label) % 8 for row, label in enumerate(labels)]] += 3
        columns |= {
            "expression": labels,
            "votes": votes.tolist(),
            "row": list(range(len(labels))),
            "exact_row": [True] * len(labels),
            "in_other_split": [row % 10 == 0 for row in range(len(labels))],
        }
    return pa.table(columns)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of synthetic faces."""
    folder = tmp_path_factory.mktemp("data")
    bundled = load_bundled()
    for name, rows, person in (
        ("fer2013/train", range(0, 1200, 3), False),
        ("fer2013/public_test", range(1201, 1261), False),
        ("lfw/train", range(1400, 1420), True),
    ):
        path = folder / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        pq.write_table(table_of(bundled.select(rows), person), path)
    return folder


def make_run(folder: Path, seed: int, **settings: object) -> Path:
    torch.manual_seed(seed)
    config = ExpressionClassifierConfig(size=16, trim=(0.0, 0.0, 0.0, 0.0), stem=4, widths=(4,), blocks=(1,), squeeze=0)
    ExpressionClassifier(config).save(folder / "best")
    recipe = {"recipe": "ExpressionClassifierRecipe", "seed": seed, **settings}
    (folder / "recipe.json").write_text(json.dumps(recipe))
    TrainedOn({"fer2013": 40, "lfw": 9}).write(folder / "best")
    return folder


class WholePictures:
    """A detector that leaves every picture as it is; the real one has tests of its own."""

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        return ()


@pytest.fixture(scope="module")
def evaluated(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two evaluated runs, `a` and `b`, of which `a` kept two checkpoints."""
    folder = tmp_path_factory.mktemp("runs")
    runs = tuple(make_run(folder / name, seed) for seed, name in enumerate("ab"))
    for images, score in ((100, 0.5), (200, 0.4)):
        kept = runs[0] / "checkpoints" / f"{images:09d}"
        make_run(kept, images)
        shutil.copytree(kept / "best", kept, dirs_exist_ok=True)
        (kept / "validation.json").write_text(json.dumps({"images": images, "score": score}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(robustness, "CURVE_FACES", 20)
        patch.setattr(reporting, "CROP_FACES", 3)
        patch.setattr(reporting, "RetinaFaceDetector", WholePictures)
        evaluate_recognition(RecognitionSettings(runs, data, rows=50))
    return folder


def test_the_app_can_read_the_tables_of_exactly_these_weights(evaluated: Path) -> None:
    origin = load_model(str(evaluated / "a" / "best")).origin
    assert origin is not None
    tables = read_evaluation(evaluated / "a" / "best", origin.sha256, "recognition", recognition_tables)
    assert tables is not None
    assert sum(map(sum, tables.confusion.rows)) == 50
    assert sum(one.count for one in tables.reliability.bins) == 45  # every tenth face is in Training too
    assert [row.asked for row in tables.coverage] == list(COVERAGES)
    kinds = [row.degradation for row in tables.robustness]
    assert kinds[0] == "untouched"
    assert kinds.count("covered") == 4
    assert kinds.count("framing, end to end") == 3


def test_the_calibration_lies_beside_the_weights_and_says_what_it_was_fitted_on(evaluated: Path) -> None:
    calibration = Calibration.load(evaluated / "a" / "best")
    assert calibration is not None
    assert calibration.expressions == BASIC
    assert calibration.fitted_on.startswith("the first half of the validation cut of FER2013 Training")
    assert sorted(calibration.thresholds.values()) == list(calibration.thresholds.values())


def test_votes_are_calibrated_beside_the_label_and_stay_when_it_is_measured_again(
    evaluated: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = evaluated / "a" / "best"
    before = Calibration.load(folder)
    evaluate_votes(VoteSettings(str(evaluated / "a"), data, rows=50))
    calibration = Calibration.load(folder)
    assert before is not None
    assert calibration is not None
    assert calibration.votes is not None
    assert replace(calibration, votes=None) == before
    assert list(calibration.votes.thresholds) == list(COVERAGES)
    evaluation = Evaluation.read(folder / "evaluation.json")
    assert set(evaluation.measured) >= {"recognition", "votes"}
    shown = {figure.name: figure.value for figure in evaluation.figures if figure.part == "votes"}
    assert 0 < shown["Jensen-Shannon divergence to the votes"] < np.log(2)
    assert 0 <= shown["expected calibration error of shares"] <= 1
    origin = load_model(str(folder)).origin
    assert origin is not None
    tables = read_evaluation(folder, origin.sha256, "votes", vote_tables)
    assert tables is not None
    assert tables.confusion.expressions == WITH_CONTEMPT
    assert sum(one.count for one in tables.reliability.bins) == 45
    monkeypatch.setattr(robustness, "CURVE_FACES", 20)
    monkeypatch.setattr(reporting, "CROP_FACES", 3)
    monkeypatch.setattr(reporting, "RetinaFaceDetector", WholePictures)
    evaluate_recognition(RecognitionSettings((evaluated / "a",), data, rows=50))
    assert Calibration.load(folder) == calibration


def test_votes_need_a_label_that_is_calibrated(data: Path, tmp_path: Path) -> None:
    make_run(tmp_path / "fresh", 3)
    with pytest.raises(CheckpointError, match="evaluate recognition"):
        evaluate_votes(VoteSettings(str(tmp_path / "fresh"), data, rows=50))


def test_ten_voters_are_drawn_into_two_fives() -> None:
    votes = np.zeros((2, 10))
    votes[0, :2] = 5  # neutral and happy
    votes[1, 9] = 10  # no face: nobody named an expression
    five, others = drawn_apart(votes, seed=0)
    neutral, happy = WITH_CONTEMPT.index("neutral"), WITH_CONTEMPT.index("happy")
    assert five[0].sum() == pytest.approx(1)
    assert five[0, neutral] + others[0, neutral] == pytest.approx(1)
    assert five[0, happy] + others[0, happy] == pytest.approx(1)
    assert not five[1].any()
    assert not others[1].any()


def test_shares_have_intervals_and_say_how_many_rows_were_looked_at(evaluated: Path) -> None:
    evaluation = Evaluation.read(evaluated / "a" / "best" / "evaluation.json")
    first = evaluation.figures[0]
    assert first.name == "accuracy"
    assert first.data == "FER2013 PublicTest, exact rows, first 50 rows"
    assert first.interval is not None
    assert first.interval[0] <= first.value <= first.interval[1]
    assert "--rows 50" in evaluation.measured["recognition"].command


def test_several_runs_share_a_table_of_their_spread(evaluated: Path) -> None:
    one, other = (Evaluation.read(evaluated / name / "best" / "evaluation.json") for name in "ab")
    assert one.tables["runs"] == other.tables["runs"]
    assert one.tables["runs"]["seeds"] == [0, 1]
    mean = (one.figures[0].value + other.figures[0].value) / 2
    assert one.tables["runs"]["rows"][0][2] == pytest.approx(mean)


def test_selection_bias_compares_the_test_splits_choice_with_validations(evaluated: Path) -> None:
    table = Evaluation.read(evaluated / "a" / "best" / "evaluation.json").tables["inflation"]
    assert [row[:2] for row in table["rows"]] == [[100, 0.5], [200, 0.4]]
    accuracies = [row[2] for row in table["rows"]]
    assert table["gain"] == pytest.approx(max(accuracies) - accuracies[0])
    assert "inflation" not in Evaluation.read(evaluated / "b" / "best" / "evaluation.json").tables


def test_a_quick_look_is_not_published(evaluated: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"quick look at some rows.*without --rows"):
        publish(PublishSettings(evaluated / "a", tmp_path))


def test_the_sets_are_those_that_the_run_recorded(evaluated: Path) -> None:
    assert Evaluation.read(evaluated / "a" / "best" / "evaluation.json").trained_on == ("fer2013", "lfw")


def test_a_published_checkpoint_is_evaluated_on_the_cut_that_its_card_states() -> None:
    assert recipe_of(place_of("expression_judge"))["fold"] == 1
    assert recipe_of(place_of("face_landmarker")) == {}


def test_runs_that_differ_in_more_than_their_seed_have_no_mean(data: Path, tmp_path: Path) -> None:
    runs = (make_run(tmp_path / "a", 0, rate=0.1), make_run(tmp_path / "b", 1, rate=0.2))
    with pytest.raises(DataError, match="The runs differ in rate, seed"):
        evaluate_recognition(RecognitionSettings(runs, data))


def test_too_few_rows_or_no_run_are_refused(data: Path) -> None:
    with pytest.raises(SettingsError, match="50 or more"):
        RecognitionSettings((Path("run"),), data, rows=5)
    with pytest.raises(SettingsError, match="at least one run"):
        RecognitionSettings((), data)


def test_a_folder_without_a_model_is_one_sentence(data: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        evaluate_recognition(RecognitionSettings((tmp_path,), data))


RECOGNITION = Evaluation(
    "abc",
    ("fer2013",),
    {"recognition": Measurement("evaluate recognition", 0, "2026-11-20", "a laptop")},
    (Figure("accuracy", 0.5, "faces", 10),),
    {"confusion": 1},
)
TRANSFER = Evaluation(
    "abc",
    ("fer2013", "lfw"),
    {"transfer": Measurement("evaluate transfer", 0, "2026-11-21", "a laptop")},
    (Figure("expression reached", 0.25, "pairs", 20),),
)


@pytest.mark.parametrize("second", [RECOGNITION, TRANSFER])
def test_both_parts_of_the_same_weights_stand_together_whichever_came_last(second: Evaluation) -> None:
    first = TRANSFER if second is RECOGNITION else RECOGNITION
    both = second.joined(first.joined(None))
    assert list(both.measured) == ["recognition", "transfer"]
    assert [(figure.part, figure.value) for figure in both.figures] == [("recognition", 0.5), ("transfer", 0.25)]
    assert both.trained_on == ("fer2013", "lfw")
    assert both.tables == {"confusion": 1}


def test_a_part_that_is_measured_again_replaces_itself_and_other_weights_go_away() -> None:
    both = TRANSFER.joined(RECOGNITION.joined(None))
    again = replace(RECOGNITION, figures=(Figure("accuracy", 0.75, "faces", 10),))
    assert [figure.value for figure in again.joined(both).figures] == [0.75, 0.25]
    other = replace(again, weights_sha256="def").joined(both)
    assert list(other.measured) == ["recognition"]
    assert [figure.value for figure in other.figures] == [0.75]


def test_the_spread_is_that_of_the_figures_all_runs_have() -> None:
    runs = [replace(RECOGNITION, figures=(Figure("accuracy", value, "faces", 10),)) for value in (0.5, 0.6, 0.7)]
    runs[0] = replace(runs[0], figures=(*runs[0].figures, Figure("alone", 1.0, "faces", 10)))
    (row,) = spread_over_runs(runs, [4, 5, 6])["rows"]
    assert row == ["accuracy", "faces", pytest.approx(0.6), pytest.approx(0.1), 0.5, 0.7]


def test_a_vote_majority_drops_single_votes_and_needs_more_than_half() -> None:
    # Columns: neutral, happy, surprise, sad, angry, disgust, fear, contempt, unknown, no face.
    votes = np.array(
        [
            [0, 6, 4, 0, 0, 0, 0, 0, 0, 0],
            [5, 0, 0, 5, 0, 0, 0, 0, 0, 0],  # half is not most
            [3, 1, 1, 1, 1, 1, 1, 1, 0, 0],  # what is left after the single votes agrees
            [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            [0, 0, 0, 2, 0, 0, 0, 0, 8, 0],  # most say that they do not know
            [0, 0, 0, 0, 0, 0, 0, 9, 0, 1],
        ]
    )
    expected = ["happy", None, "neutral", None, None, "contempt"]
    answered = [None if place < 0 else WITH_CONTEMPT[place] for place in vote_majority(votes)]
    assert answered == expected
