"""Grad-CAM, on a model whose evidence for expression k is the brightness of column k."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from torch import nn

from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC
from fer_demo.inference.recognize.attribution import grad_cam, grad_cam_of, overlay
from fer_demo.inference.recognize.probabilities import recognize
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.published.model import FaceModelConfig, PublishedModel
from tests.unit.inference.conftest import BrightestColumn


def test_heat_lies_where_the_evidence_is(recognizer, column):
    # One channel with a positive mean gradient: the heat is the positive part of the picture itself.
    heat = grad_cam(recognizer, column(2), BASIC[2])
    assert heat.shape == (8, 8)
    assert heat.dtype == np.float32
    expected = np.zeros((8, 8))
    expected[:, 2] = 1
    np.testing.assert_allclose(heat, expected, atol=1e-6)


class InTheMiddle(PublishedModel):
    """A map of 2 x 2 cells that lies on the middle half of a face of 8 x 8 pixels."""

    def __init__(self, fades: bool) -> None:
        super().__init__(FaceModelConfig(size=8))
        self.fades, self.cells = fades, nn.AvgPool2d(4)

    attribution_layer = property(lambda self: self.cells)
    attribution_box = property(lambda self: (0.25, 0.25, 0.75, 0.75))
    attribution_fades = property(lambda self: self.fades)


@pytest.mark.parametrize(
    ("fades", "row"), [(False, [0, 0, 1, 1, 1, 1, 0, 0]), (True, [0, 0.25, 0.75, 1, 1, 0.75, 0.25, 0])]
)
def test_evidence_ends_with_its_map_or_fades_out_around_it(fades, row):
    heat = grad_cam_of(
        InTheMiddle(fades), torch.ones(1, 1, 8, 8), lambda asked, faces: asked.cells(faces).sum(dim=(1, 2, 3))
    )
    np.testing.assert_allclose(heat, np.outer(row, row), atol=1e-6)


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
