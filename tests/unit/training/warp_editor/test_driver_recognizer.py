"""The recognizer of drivers that the encoder stage copies from an expression classifier."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.warp_editor import DriverRecognizer
from training.warp_editor.encoder_stage import copy_classifier, remove_class_prior


def test_it_answers_as_the_classifier_it_is_taken_from() -> None:
    torch.manual_seed(0)
    classifier = ExpressionClassifier(ExpressionClassifierConfig(widths=(8, 8, 16))).eval().requires_grad_(False)
    recognizer = DriverRecognizer((8, 8, 16))
    copy_classifier(recognizer, classifier)
    faces = torch.rand(3, 1, 56, 56) * 2 - 1
    torch.testing.assert_close(recognizer.eval()(faces), classifier.expression_logits(faces))


def test_every_expression_is_equally_likely_beforehand() -> None:
    recognizer = DriverRecognizer((8, 8, 16))
    before = recognizer.basic_head.bias.clone()
    remove_class_prior(recognizer, torch.tensor([-1, *[0] * 8, *[1] * 2, *range(2, 7)]))
    taken = before - recognizer.basic_head.bias
    assert taken[0] - taken[1] == pytest.approx(np.log(4), abs=1e-5)
    assert taken[1] - taken[2] == pytest.approx(np.log(2), abs=1e-5)
    assert float(taken.sum()) == pytest.approx(0, abs=1e-5)
