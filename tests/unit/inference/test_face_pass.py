"""The models look at every face of a set, in steps, and a picture that cannot be read costs nothing but itself."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import torch

from fer_demo.data.loading import load_bundled
from fer_demo.data.sources import FaceSource
from fer_demo.expressions import BASIC
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.face_pass import ALIGNED, Examiners, FacePass
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig


class NoFaces:
    """A detector that never finds anything."""

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        return ()


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


def test_an_empty_pass_has_an_empty_table(examiners: Examiners) -> None:
    assert len(FacePass(load_bundled(), examiners).result()) == 0
