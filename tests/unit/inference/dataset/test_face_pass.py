"""The models look at every face of a set, in steps, and a picture that cannot be read costs nothing but itself."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import torch

from fer_demo.data.cleaning import POINTS
from fer_demo.data.loading import load_bundled
from fer_demo.data.sources import FaceSource
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import five_points
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.faces.quality import NO_LANDMARKS
from fer_demo.inference.dataset import face_pass
from fer_demo.inference.dataset.audit import face_findings
from fer_demo.inference.dataset.face_pass import ALIGNED, Examiners, FacePass, crop_of_record
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from tests.detectors import NoFaces


@pytest.fixture(scope="module")
def examiners() -> Examiners:
    torch.manual_seed(0)
    config = ExpressionClassifierConfig(size=16, stem=4, widths=(4, 4), blocks=(1, 1))
    return Examiners(NoFaces(), ExpressionClassifier(config).eval(), None)


def test_faces_with_landmarks_are_found_without_the_detector(examiners: Examiners) -> None:
    work = FacePass(load_bundled().select(range(10)), examiners)
    work.advance(seconds=0)
    assert work.done == 0
    work.advance()
    table = work.result()
    assert table.found.all()
    assert table.probabilities.sum(axis=1) == pytest.approx(np.ones(10), abs=1e-5)
    assert set(table.answers) <= set(BASIC)
    assert table.descriptors.shape == (10, 0)
    assert np.allclose(table.pose[3], load_bundled()[3].head_pose)


def test_the_order_of_steps_does_not_change_the_answers(examiners: Examiners) -> None:
    source = load_bundled().select(range(9))
    whole, halves = FacePass(source, examiners), FacePass(source, examiners)
    whole.advance()
    while halves.done < halves.total:
        halves.advance(seconds=0.01)
        halves.result()
    assert np.array_equal(whole.result().probabilities, halves.result().probabilities)
    assert np.array_equal(whole.result().aligned, halves.result().aligned)


def test_unreadable_and_faceless_pictures_are_told_apart(examiners: Examiners) -> None:
    work = FacePass(FaceSource("two", pa.table({"image": [b"broken", load_bundled().picture_file(0)]})), examiners)
    work.advance()
    table = work.result()
    assert (table.seen.tolist(), table.found.tolist()) == ([False, True], [False, False])
    assert table.answers == [None, None]
    assert np.isnan(table.pose).all()
    assert table.aligned.shape == (2, ALIGNED, ALIGNED)


def test_one_picture_that_the_models_cannot_bear_costs_nothing_but_itself(
    examiners: Examiners, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = load_bundled().select(range(10))
    whole = FacePass(source, examiners)
    whole.advance()
    real = face_pass.recognize

    def recognize(model: object, crops: list[FaceCrop], mirror: bool) -> object:
        if any(np.array_equal(crop.photo, source.picture(4)) for crop in crops):
            raise ZeroDivisionError("nobody expected this")
        return real(model, crops, mirror)  # type: ignore[arg-type]

    monkeypatch.setattr(face_pass, "recognize", recognize)
    broken = FacePass(source, examiners)
    broken.advance()
    table = broken.result()
    others = np.arange(10) != 4
    assert table.seen.tolist() == others.tolist()
    assert table.probabilities[others] == pytest.approx(whole.result().probabilities[others], abs=1e-5)
    assert list(table.troubles) == [4]
    assert "ZeroDivisionError: nobody expected this" in table.troubles[4]
    (finding,) = [one for one in face_findings(source, table, (), None) if one.row == 4]
    assert finding.reason == table.troubles[4]


def test_faces_whose_landmarks_make_none_are_looked_for(examiners: Examiners) -> None:
    source = load_bundled().select(range(6))
    landmarks = [np.array(one, float) for one in source.column("landmarks")]
    landmarks[1] *= 0
    landmarks[2][:] = np.nan
    landmarks[3] = landmarks[3][::-1]
    landmarks[4][2] = np.nan  # on the cheek: the points that align the face are there
    pictures = [source.picture_file(row) for row in range(6)]
    told = FaceSource("told", pa.table({"image": pictures, "landmarks": [one.tolist() for one in landmarks]}))
    crops = [crop_of_record(record, RetinaFaceDetector(1)) for record in told]
    assert [NO_LANDMARKS in crop.notes for crop in crops] == [False, True, True, True, False, False]
    assert all(crop.face is not None and np.isfinite(crop.face.box).all() for crop in crops)
    work = FacePass(told, examiners)
    work.advance()
    assert work.result().seen.all()
    assert not work.result().troubles
    assert work.result().found.tolist() == [True, False, False, False, True, True]  # this detector finds nothing


def test_five_points_are_taken_as_told_and_told_where_they_form_no_face(examiners: Examiners) -> None:
    source = load_bundled().select(range(6))
    right = [five_points(np.array(one, float)) for one in source.column("landmarks")]
    told = [one.tolist() for one in right]
    told[1] = np.full((5, 2), np.nan).tolist()
    told[2] = np.zeros((5, 2)).tolist()
    told[3] = right[3][[1, 0, 2, 4, 3]].tolist()  # the person's left first
    told[4] = (right[4] + 500).tolist()  # in the photo that it was cut from
    pictures = [source.picture_file(row) for row in range(6)]
    given = FaceSource("told", pa.table({"image": pictures, "points": told}))
    crops = [crop_of_record(record, RetinaFaceDetector(1)) for record in given]
    assert [NO_LANDMARKS in crop.notes for crop in crops] == [False, True, True, True, True, False]
    for row in (0, 5):
        assert np.allclose(crops[row].face.points, right[row], atol=1e-3)
    assert all(np.allclose(crop.face.points, one, atol=8) for crop, one in zip(crops, right, strict=True)), "as found"
    landmarks = [one.tolist() for one in source.column("landmarks")]
    both = FaceSource("both", pa.table({"image": pictures, "points": told, "landmarks": landmarks}))
    work = FacePass(both, examiners)
    work.advance()
    assert work.result().found.all(), "where the five are wrong, the landmarks are not"
    assert not work.result().misplaced.any()
    alone = FacePass(given, examiners)
    alone.advance()
    assert alone.result().misplaced.tolist() == [False, True, True, True, True, False]
    found = [one for one in face_findings(given, alone.result(), (), None) if one.problem == POINTS]
    assert [one.row for one in found] == [1, 2, 3, 4]


def test_an_empty_pass_has_an_empty_table(examiners: Examiners) -> None:
    assert len(FacePass(load_bundled(), examiners).result()) == 0
