"""Grad-CAM, on a model whose evidence for expression k is the brightness of column k."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.inference.recognize.attribution import grad_cam, overlay
from fer_demo.inference.recognize.probabilities import recognize
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from tests.unit.inference.conftest import BrightestColumn


def test_heat_lies_where_the_evidence_is(recognizer, column):
    # One channel with a positive mean gradient: the heat is the positive part of the picture itself.
    heat = grad_cam(recognizer, column(2), BASIC[2])
    assert heat.shape == (8, 8)
    assert heat.dtype == np.float32
    expected = np.zeros((8, 8))
    expected[:, 2] = 1
    np.testing.assert_allclose(heat, expected, atol=1e-6)


def test_no_evidence_gives_an_empty_map(recognizer, halves):
    heat = grad_cam(recognizer, halves(0, 0), "happy")  # black: every feature is negative
    assert (heat == 0).all()


def test_an_unknown_expression_is_refused(recognizer, column):
    with pytest.raises(SettingsError, match="contempt"):
        grad_cam(recognizer, column(0), "contempt")


def test_the_votes_have_evidence_of_their_own(column):
    small = ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))
    model = ExpressionClassifier(small).eval()
    assert grad_cam(model, column(1), "contempt", "votes").shape == (32, 32)
    with pytest.raises(SettingsError, match="contempt"):
        grad_cam(model, column(1), "contempt", "label")


def test_weights_without_gradients_are_explained_too_and_leave_no_hooks(column):
    small = ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))
    model = ExpressionClassifier(small).eval().requires_grad_(False)
    heat = grad_cam(model, column(1), "sad")
    assert heat.shape == (32, 32)
    assert np.isfinite(heat).all()
    assert 0 <= heat.min() <= heat.max() <= 1
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_two_visitors_at_once_get_their_own_maps(recognizer, column):
    found: dict[int, np.ndarray] = {}

    def explain(place: int) -> None:
        found[place] = grad_cam(recognizer, column(place), BASIC[place])

    threads = [threading.Thread(target=explain, args=(place,)) for place in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [int(found[place].sum(axis=0).argmax()) for place in range(7)] == list(range(7))


def test_what_a_camera_asks_meanwhile_is_not_explained(column):
    def look() -> None:
        recognize(shared, [column(5)])

    class Watched(BrightestColumn):
        def expression_logits(self, faces):
            logits = super().expression_logits(faces)
            if torch.is_grad_enabled():  # while it is explained
                camera = threading.Thread(target=look)
                camera.start()
                camera.join()
            return logits

    shared = Watched().eval()
    assert int(grad_cam(shared, column(2), BASIC[2]).sum(axis=0).argmax()) == 2


def test_an_overlay_covers_only_where_there_is_heat():
    picture = np.full((16, 16), 90, dtype=np.uint8)
    heat = np.zeros((4, 4), dtype=np.float32)
    heat[:, 3] = 1
    drawn = overlay(picture, heat)
    assert drawn.shape == (16, 16, 3)
    assert drawn.dtype == np.uint8
    assert (drawn[:, :8] == 90).all()
    red, _, blue = drawn[8, 15].astype(int)
    assert red > 180
    assert red > blue + 60


def test_an_empty_map_leaves_the_picture_alone():
    picture = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    np.testing.assert_array_equal(overlay(picture, np.zeros((8, 8))), picture)
