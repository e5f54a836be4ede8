"""Rebuilding both donors of an edit, on models whose codes are halves of the picture, or both the whole of it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from fer_demo.capabilities import FactorCodes
from fer_demo.code_editor import CodeEditor, CodeEditorConfig
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.inference.transfer.rebuilding import rebuild


class Mean(CodeEditor):
    """Both codes are the whole picture, and a picture is the mean of two codes: nothing is told apart."""

    def __init__(self) -> None:
        super().__init__(CodeEditorConfig(size=8))
        self.unused = nn.Parameter(torch.zeros(1))

    def encode(self, faces: Tensor) -> FactorCodes:
        return FactorCodes(faces.flatten(1), faces.flatten(1))

    def decode(self, codes: FactorCodes) -> Tensor:
        return ((codes.identity + codes.expression) / 2).reshape(-1, 1, 8, 8)

    def prototypes(self) -> Tensor:
        return torch.zeros(7, 64)


def test_codes_that_hold_one_thing_each_survive_the_edit(editor, halves):
    rebuilt = rebuild(editor, halves(30, 60), halves(200, 250))
    assert rebuilt.driver is not None
    for part in (rebuilt.person, rebuilt.driver):
        assert part.error == 0
        assert part.own_error == 0
    assert rebuilt.driver.face[0, 0] == 200


def test_codes_that_hold_everything_do_not(halves):
    rebuilt = rebuild(Mean().eval(), halves(0, 0), halves(200, 200))
    assert rebuilt.driver is not None
    # The edited face is 100 everywhere; a donor is rebuilt as the mean of it and of itself.
    assert rebuilt.person.error == pytest.approx(50)
    assert rebuilt.driver.error == pytest.approx(50)
    assert rebuilt.person.own_error == 0
    half_way = rebuild(Mean().eval(), halves(0, 0), halves(200, 200), amount=0.5)
    assert half_way.person.error == pytest.approx(25)


def test_a_named_expression_has_no_second_donor(editor, halves):
    assert rebuild(editor, halves(30, 60), "happy").driver is None
    with pytest.raises(SettingsError, match="no prototype of 'joyful'"):
        rebuild(editor, halves(30, 60), "joyful")


def test_only_a_model_that_paints_from_two_codes_can_rebuild(recognizer, halves):
    with pytest.raises(CheckpointError, match="BrightestColumn cannot edit faces"):
        rebuild(recognizer, halves(0, 0), "happy")
