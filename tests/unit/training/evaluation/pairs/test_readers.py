"""Judges and teachers whose answers are known read edits, untouched photos and true pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import five_points
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace, RetinaFaceDetector
from fer_demo.faces.landmark_order import MIRRORED
from fer_demo.metrics.point_motion import REGIONS
from fer_demo.published.model import FaceModelConfig, PublishedModel
from tests.editors import tiny_landmark_editor
from training.evaluation.pairs.data import CKPLUS, Case, Photo, Task
from training.evaluation.pairs.readers import Readers
from training.evaluation.pairs.scores import scores_of
from training.evaluation.pairs.shape_judge import ShapeJudge, departure

HAPPY, SAD = BASIC.index("happy"), BASIC.index("sad")


class AlwaysHappy(PublishedModel):
    """Whatever it is shown."""

    def expression_logits(self, faces: Tensor) -> Tensor:
        return torch.eye(len(BASIC))[HAPPY].expand(len(faces), -1)


def judge() -> PublishedModel:
    model = AlwaysHappy(FaceModelConfig(size=32))
    model.register_parameter("unused", torch.nn.Parameter(torch.zeros(1)))
    return model


def editor_that_says(expression: int) -> PublishedModel:
    """An editor whose own head gives one answer."""
    model = tiny_landmark_editor(32)
    model.driver.choice.bias[expression] = 9.0
    return model


@pytest.fixture(scope="module")
def photos() -> list[Photo]:
    """Rendered people, each at rest, happy and sad."""
    faces = load_bundled()
    people, shown, how_much = (faces.column(name) for name in ("person", "expression", "intensity"))
    clearest = {(people[row], shown[row]): row for row in np.argsort(how_much)}
    wanted = [(who, what) for who in sorted(set(people))[:6] for what in ("neutral", "happy", "sad")]
    found = []
    for record in faces.select(np.array([clearest[one] for one in wanted])):
        assert record.landmarks is not None
        face = DetectedFace((0, 0, 1, 1), five_points(record.landmarks), 1.0)
        crop = FaceCrop(record.image, face)
        found.append(Photo(str(record.person), str(record.expression), crop, record.landmarks))
    return found


@pytest.fixture(scope="module")
def smiles(photos: list[Photo]) -> list[Case]:
    """From rest to a smile."""
    return [Case(photos[row], photos[row + 1], None) for row in range(0, len(photos), 3)]


def readers(photos: list[Photo], editor: PublishedModel) -> Readers:
    shapes = ShapeJudge.fit([photos])
    return Readers(judge(), shapes, editor, load_model("face_landmarker"), RetinaFaceDetector(threads=1))


def test_a_departure_from_rest_is_read_whoever_it_is_and_mirrored_too(photos: list[Photo]) -> None:
    shapes = ShapeJudge.fit([photos])
    assert shapes.taught == {"happy": 6, "sad": 6, "neutral": 6}
    moved = np.stack([departure(photos[row].landmarks, photos[row - row % 3].landmarks) for row in range(len(photos))])
    shown = [BASIC.index(photo.expression) for photo in photos]
    assert shapes.read(moved).tolist() == shown
    assert shapes.read(moved[:, MIRRORED] * (-1, 1)).tolist() == shown
    # Nothing but the departure counts: the same points on a head of another size at another place.
    elsewhere = departure(3 * photos[1].landmarks + 40, 2 * photos[0].landmarks)
    assert elsewhere == pytest.approx(moved[1], abs=1e-6)


def test_outside_the_inner_face_nothing_is_looked_at(photos: list[Photo]) -> None:
    shapes = ShapeJudge.fit([photos])
    moved = np.zeros((1, 68, 2))
    moved[:, : REGIONS["inner face"].start] = 0.5
    assert shapes.read(moved).tolist() == shapes.read(np.zeros((1, 68, 2))).tolist() == [BASIC.index("neutral")]


def test_one_expression_teaches_nothing(photos: list[Photo]) -> None:
    with pytest.raises(DataError, match="two expressions"):
        ShapeJudge.fit([photos[::3]])


def test_the_share_that_each_reads_and_the_gap_to_the_teacher(photos: list[Photo], smiles: list[Case]) -> None:
    task = Task(CKPLUS, "happy", False, tuple(smiles))
    for says, teacher in ((HAPPY, 1.0), (SAD, 0.0)):
        found = readers(photos, editor_that_says(says))
        truth, nothing = found.read_truth(smiles), found.read(smiles, [case.source.crop.photo for case in smiles])
        scores = scores_of(task, truth, seed=0)
        assert {name: (score.value, score.count) for name, score in scores.items()} == {
            "read by the judge": (1.0, 6),
            "read by shape": (1.0, 6),
            "read by its teacher": (teacher, 6),
            "teacher minus judges": (teacher - 1.0, 6),
        }
        scores = scores_of(task, nothing, seed=0)
        assert scores["read by shape"].value == 0
        assert scores["teacher minus judges"].value == teacher - 0.5


def test_contempt_has_no_name_to_be_asked_for_and_is_left_out(photos: list[Photo], smiles: list[Case]) -> None:
    first, *others = smiles
    cases = [replace(first, truth=replace(first.truth, expression="contempt")), *others]
    truth = readers(photos, editor_that_says(HAPPY)).read_truth(cases)
    scores = scores_of(Task(CKPLUS, "all expressions", True, tuple(cases)), truth, seed=0)
    assert {score.count for score in scores.values()} == {5}
    assert scores_of(Task(CKPLUS, "contempt", True, (cases[0],)), {k: v[:1] for k, v in truth.items()}, seed=0) == {}


def test_to_neutral_the_rest_is_the_true_picture(photos: list[Photo], smiles: list[Case]) -> None:
    back = [Case(case.truth, case.source, None) for case in smiles]
    truth = readers(photos, editor_that_says(HAPPY)).read_truth(back)
    assert truth["shapes"].tolist() == [1.0] * 6
    assert truth["judge"].tolist() == [0.0] * 6


def test_an_editor_without_a_head_of_its_own_has_no_teacher(photos: list[Photo], smiles: list[Case]) -> None:
    silent = PublishedModel(FaceModelConfig(size=32))
    assert set(readers(photos, silent).read_truth(smiles)) == {"judge", "shapes"}
    recognizer = readers(photos, judge()).read_truth(smiles)
    assert recognizer["teacher"].tolist() == [1.0] * 6
