"""What the tab answers with an editor that moves photos, with one that paints, and with parts missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch

from fer_demo.checkpoints import load_model
from fer_demo.context import AppContext
from fer_demo.errors import CheckpointError, DataError
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.identity_embedder import IdentityEmbedder, IdentityEmbedderConfig
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from fer_demo.models.warp_editor import WarpEditor, WarpEditorConfig
from fer_demo.settings import AppSettings
from fer_demo.tabs.transfer import build
from fer_demo.tabs.transfer.page import _arrange
from fer_demo.tabs.transfer.walk import walked
from fer_demo.tabs.transfer.wish import DRIVER, EXPRESSION, FACE, NAMED, STEPS, wish_of
from fer_demo.widgets.face_field import ChosenFace

Start = Callable[..., AppContext]


class NoFaces:
    """A detector that never finds anything."""

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        return ()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small models with random weights, by their catalogue names."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models")
    warp = WarpEditor(WarpEditorConfig(size=32, encoder_widths=(8, 8), editor_widths=(8, 8, 8, 8), condition=8))
    torch.nn.init.normal_(warp.editor.out.weight, std=0.3)
    warp.expression_prototypes.normal_()
    warp.save(path / "warp_editor")
    painter = TDGAN(TDGANConfig(noise_channels=2, residual_units=1, decoder_channels=(4, 4, 4), head_units=4))
    painter.save(path / "tdgan")
    small = ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))
    ExpressionClassifier(small).save(path / "expression_classifier")
    IdentityEmbedder(IdentityEmbedderConfig(widths=(2, 2, 2, 2), blocks=(1, 1, 1, 1))).save(path / "identity_embedder")
    return path


@pytest.fixture
def start(folder: Path) -> Start:
    def context(*names: str) -> AppContext:
        models = {name: load_model(str(folder / name)) for name in ("expression_classifier", *names)}
        return AppContext(AppSettings(), NoFaces(), models, None, {})

    return context


def photo() -> ChosenFace:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    return ChosenFace((FaceCrop(pixels, DetectedFace((20.0, 10.0, 90.0, 80.0), TEMPLATE * 70 + (20, 10), 0.9)),))


def test_a_photo_editors_strip_is_measured_by_the_embedder(start: Start) -> None:
    context = start("warp_editor", "tdgan", "identity_embedder")
    shown = walked(context, wish_of(context, photo(), None, NAMED, "happy", EXPRESSION, "warp_editor"), 1.0)
    assert shown.walk.measured.strip.frames.shape == (STEPS, 256, 256, 3)
    assert shown.walk.measured.strip.identity.distances[0] == 0
    assert shown.strip.count("distance") == STEPS
    assert "identity embedder, from which no editor learned" in shown.explained
    assert "distance" in shown.result
    assert "Back in the photo" in shown.result


def test_without_an_embedder_the_editors_own_view_is_shown_and_it_is_said(start: Start) -> None:
    context = start("tdgan")
    shown = walked(context, wish_of(context, photo(), None, NAMED, "happy", EXPRESSION, "tdgan"), 0.5)
    assert "<span>identity</span>" in shown.strip
    assert "by TDGAN itself" in shown.explained
    assert "not loaded" in shown.explained
    assert "distance" not in shown.result


def test_with_neither_embedder_nor_identity_code_only_the_expression_is_measured(start: Start) -> None:
    context = start("warp_editor")
    shown = walked(context, wish_of(context, photo(), photo(), DRIVER, "happy", EXPRESSION, "warp_editor"), 1.0)
    assert shown.strip.count('class="measure"') == STEPS


def test_the_face_can_be_changed_only_by_a_model_with_identity_codes(start: Start) -> None:
    context = start("warp_editor", "tdgan", "identity_embedder")
    assert wish_of(context, photo(), photo(), NAMED, "happy", FACE, "tdgan").along == FACE
    assert wish_of(context, photo(), photo(), NAMED, "happy", FACE, "warp_editor").along == EXPRESSION
    along, kind, name, driver = _arrange(NAMED, FACE, keeps_face=True)
    assert (along["visible"], along["value"]) == (False, EXPRESSION)
    assert (kind["visible"], name["visible"], driver["visible"]) == (True, True, False)
    along, kind, name, driver = _arrange(NAMED, FACE, keeps_face=False)
    assert (along["visible"], kind["visible"], name["visible"], driver["visible"]) == (True, False, False, True)
    shown = walked(context, wish_of(context, photo(), photo(), NAMED, "happy", FACE, "tdgan"), 1.0)
    assert "outside" not in shown.strip
    assert "Back in the photo" not in shown.result


def test_what_is_missing_is_said(start: Start) -> None:
    context = start("warp_editor")
    with pytest.raises(DataError, match="no face yet"):
        wish_of(context, None, None, NAMED, "happy", EXPRESSION, "warp_editor")
    with pytest.raises(DataError, match="no second face"):
        _ = wish_of(context, photo(), None, DRIVER, "happy", EXPRESSION, "warp_editor").target
    with pytest.raises(CheckpointError, match="not loaded"):
        wish_of(context, photo(), None, NAMED, "happy", EXPRESSION, "tdgan")


@pytest.mark.parametrize("names", [(), ("tdgan",), ("warp_editor",)])
def test_the_tab_is_laid_out_with_whatever_is_there(start: Start, names: tuple[str, ...]) -> None:
    with gr.Blocks():
        build(start(*names))
