"""Recognition, on a model whose answer is the brightest column."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fer_demo.errors import CheckpointError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.inference.recognize.probabilities import (
    Recognition,
    answers_of,
    basic_probabilities,
    recognize,
    recognize_aligned,
)
from fer_demo.published.calibration import Calibration
from tests.unit.inference.conftest import BrightestColumn


def test_the_answer_is_the_models_softmax(recognizer, column):
    (answer,) = recognize(recognizer, [column(3)], mirror=False)
    logits = np.full(7, -10.0)
    logits[3] = 10.0
    np.testing.assert_allclose(answer.probabilities, np.exp(logits) / np.exp(logits).sum(), rtol=1e-5)
    assert answer.top == "happy"
    assert answer.probabilities.dtype == np.float32


def test_mirroring_averages_the_logits_of_a_face_and_of_its_mirror_image(recognizer, column):
    (answer,) = recognize(recognizer, [column(3)])  # column 3 of 8 is column 4 in the mirror
    assert answer.probabilities[3] == pytest.approx(0.5, abs=1e-3)
    assert answer.probabilities[4] == pytest.approx(0.5, abs=1e-3)


def test_a_calibrated_model_divides_the_mean_logits_by_its_temperature(recognizer, column):
    recognizer.calibration = Calibration(2.0, {0.9: 0.6}, BASIC, "drawings", 9)
    (answer,) = recognize(recognizer, [column(3)])  # mean logits: 0 for columns 3 and 4, -10 elsewhere
    logits = np.array([-10, -10, -10, 0, 0, -10, -10]) / 2
    np.testing.assert_allclose(answer.probabilities, np.exp(logits) / np.exp(logits).sum(), rtol=1e-5)
    assert answer.prediction_set(0.9) == ("happy", "sad")
    with pytest.raises(CheckpointError, match=r"coverage 0\.5"):
        answer.prediction_set(0.5)


def test_without_a_calibration_there_is_no_prediction_set(recognizer, column):
    assert recognize(recognizer, [column(3)])[0].prediction_set(0.9) == ()


def test_more_crops_than_one_batch_keep_their_order(recognizer, column):
    answers = recognize(recognizer, [column(place % 7) for place in range(130)], mirror=False)
    assert [answer.top for answer in answers] == [BASIC[place % 7] for place in range(130)]


def test_aligned_pictures_of_another_size_are_resized(recognizer):
    picture = np.zeros((1, 16, 16), dtype=np.uint8)
    picture[:, :, 10:12] = 255
    (answer,) = recognize_aligned(recognizer, picture, mirror=False)
    assert answer.top == BASIC[5]


def test_no_crops_give_no_answers(recognizer):
    assert recognize(recognizer, []) == ()


class Voting(BrightestColumn):
    """Its voters see one column to the right of what the label sees."""

    def vote_logits(self, faces):
        logits = self.expression_logits(faces)
        return torch.cat([logits[:, -1:], logits], dim=1)


def test_votes_are_answered_with_their_own_calibration_and_contempt(column):
    model = Voting().eval()
    votes = Calibration(4.0, {0.9: 0.6}, WITH_CONTEMPT, "drawings", 9, (1.0,) * 7 + (1e-9,))
    model.calibration = Calibration(2.0, {0.9: 0.6}, BASIC, "drawings", 9, votes=votes)
    assert answers_of(model) == ("votes", "label")
    (answer,) = recognize(model, [column(3)], mirror=False, answer="votes")
    logits = np.full(8, -10.0)
    logits[4] = 10.0
    np.testing.assert_allclose(answer.probabilities, np.exp(logits / 4) / np.exp(logits / 4).sum(), rtol=1e-5)
    assert (answer.expressions, answer.answer) == (WITH_CONTEMPT, "votes")
    assert answer.top == "contempt"  # which nobody says by habit
    assert recognize(model, [column(3)], mirror=False)[0].top == "happy"  # the label


def test_a_model_that_knows_no_votes_answers_with_its_label(recognizer, column):
    assert answers_of(recognizer) == ("label",)
    (answer,) = recognize(recognizer, [column(3)], mirror=False, answer="votes")
    assert (answer.answer, answer.expressions) == ("label", BASIC)


def test_eight_classes_keep_their_own_names(eight_class_recognizer, column):
    (answer,) = recognize(eight_class_recognizer, [column(7)], mirror=False)
    assert answer.top == "contempt"


def test_basic_probabilities_leave_contempt_out_and_sum_to_one():
    answer = Recognition((*BASIC, "contempt"), np.array([0.2, 0, 0, 0.2, 0, 0, 0, 0.6], dtype=np.float32))
    np.testing.assert_allclose(basic_probabilities(answer), [0.5, 0, 0, 0.5, 0, 0, 0])


def test_basic_probabilities_follow_the_house_order():
    answer = Recognition(("happy", "angry"), np.array([0.9, 0.1], dtype=np.float32))
    np.testing.assert_allclose(basic_probabilities(answer), [0.1, 0, 0, 0.9, 0, 0, 0], rtol=1e-6)


def test_certain_contempt_says_nothing_about_the_basic_expressions():
    answer = Recognition((*BASIC, "contempt"), np.array([0, 0, 0, 0, 0, 0, 0, 1], dtype=np.float32))
    np.testing.assert_allclose(basic_probabilities(answer), np.full(7, 1 / 7), rtol=1e-6)


def test_a_model_that_cannot_recognize_is_refused(editor, column):
    with pytest.raises(CheckpointError, match="does not recognize"):
        recognize(editor, [column(0)])
