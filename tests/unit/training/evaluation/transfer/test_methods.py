"""Baselines and models as transfers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fer_demo.capabilities import Edit, FactorCodes
from fer_demo.code_editor import CodeEditor, CodeEditorConfig
from fer_demo.errors import CheckpointError
from fer_demo.published.model import FaceModelConfig, PublishedModel
from tests.translator import TinyTranslator
from training.evaluation.transfer.methods import BASELINES, as_transfer, cannot_be_measured

SOURCES, DRIVERS = torch.full((70, 1, 8, 8), -0.5), torch.full((70, 1, 8, 8), 0.5)
SHOWN = torch.arange(7).repeat(10)


class Halves(CodeEditor):
    """The upper half of a picture is its identity, the lower half its expression."""

    def encode(self, faces: Tensor) -> FactorCodes:
        return FactorCodes(faces[:, :, :4].flatten(1), faces[:, :, 4:].flatten(1))

    def decode(self, codes: FactorCodes) -> Tensor:
        return torch.cat([codes.identity.reshape(-1, 1, 4, 8), codes.expression.reshape(-1, 1, 4, 8)], dim=2)

    def prototypes(self) -> Tensor:
        return torch.zeros(7, 32)


class Brightener(PublishedModel):
    """The expression is the brightness; an edit adds what is missing of it."""

    def expression_code(self, faces: Tensor) -> Tensor:
        return faces.mean(dim=(2, 3))

    def driver_code(self, faces: Tensor, people: Tensor) -> Tensor:
        return self.expression_code(faces)

    def edit(self, faces: Tensor, target: Tensor, own: Tensor | None = None) -> Edit:
        change = (target - self.expression_code(faces))[:, :, None, None]
        return Edit(faces + change, *torch.zeros(7, 0))

    def apply_edit(self, edit: Edit, photos: Tensor) -> Tensor:
        return photos

    def prototypes(self) -> Tensor:
        return torch.zeros(7, 1)


def test_baselines_copy_the_input_copy_the_driver_or_mix_both() -> None:
    found = {name: transfer(SOURCES, DRIVERS, SHOWN).mean().item() for name, transfer in BASELINES.items()}
    assert found == {"input copied": -0.5, "driver copied": 0.5, "50/50 pixel blend": 0}


def test_a_model_with_codes_joins_the_sources_identity_and_the_drivers_expression() -> None:
    results = as_transfer(Halves(CodeEditorConfig(size=8)))(SOURCES, DRIVERS, SHOWN)
    assert results.shape == SOURCES.shape
    assert torch.equal(results[:, :, :4], SOURCES[:, :, :4])
    assert torch.equal(results[:, :, 4:], DRIVERS[:, :, 4:])


def test_a_photo_editor_is_given_the_drivers_expression() -> None:
    assert torch.allclose(as_transfer(Brightener(FaceModelConfig(size=8)))(SOURCES, DRIVERS, SHOWN), DRIVERS)


def test_a_label_translator_is_told_the_name_and_sees_no_driver() -> None:
    torch.manual_seed(0)
    translator = TinyTranslator(FaceModelConfig(size=8)).eval()
    results = as_transfer(translator)(SOURCES, DRIVERS, SHOWN)
    assert torch.equal(results, as_transfer(translator)(SOURCES, SOURCES, SHOWN))
    asked = translator.edit_to_label(SOURCES[:1], SHOWN[3:4], torch.ones(1))[0]
    assert torch.allclose(results[3], asked, atol=1e-5)
    assert not torch.equal(results[3], results[4])
    assert list(cannot_be_measured(translator)) == ["cycle error"]


def test_a_model_that_edits_nothing_is_refused() -> None:
    with pytest.raises(CheckpointError, match="cannot edit faces"):
        as_transfer(PublishedModel(FaceModelConfig(size=8)))
