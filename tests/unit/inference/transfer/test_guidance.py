"""Guidance is set for one edit and never for the editor that others use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fer_demo.capabilities import Guidance
from fer_demo.errors import SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.transfer.guidance import guidance_cells, guidance_of, guided, wanted_guidance
from fer_demo.inference.transfer.transfer import direction_to, edited
from fer_demo.models.landmark_editor import LandmarkEditor
from tests.editors import tiny_landmark_editor

OWN = Guidance(1.0, 1.0)


@pytest.fixture
def editor() -> LandmarkEditor:
    return tiny_landmark_editor(painter_widths=(8,))


def test_guidance_changes_what_is_painted_and_its_own_value_changes_nothing(editor: LandmarkEditor) -> None:
    face = FaceCrop(np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8), None)
    way = direction_to(editor, face, "happy")
    usual, same, other, again = (
        edited(guided(editor, guidance), way) for guidance in (None, OWN, replace(OWN, person=3.0), None)
    )
    np.testing.assert_array_equal(usual, same)
    np.testing.assert_array_equal(usual, again)
    assert np.abs(usual.astype(int) - other).max() > 2


def test_a_guided_editor_has_the_same_weights_and_leaves_the_first_as_it_was(editor: LandmarkEditor) -> None:
    other = guided(editor, Guidance(0.5, 3.0))
    assert guidance_of(other) == Guidance(0.5, 3.0)
    assert guidance_of(editor) == OWN
    assert all(one is two for one, two in zip(editor.parameters(), other.parameters(), strict=True))


def test_without_any_guidance_a_mouth_is_painted_as_the_network_says(editor: LandmarkEditor) -> None:
    assert editor.painter is not None
    torch.manual_seed(0)
    pictures, hidden, lips = torch.rand(2, 1, 48, 64), torch.ones(2, 1, 48, 64), torch.rand(2, 2, 48, 64)
    asked = []
    editor.painter.network.register_forward_pre_hook(lambda _, given: asked.append(len(given[0])))
    for strengths in ((1.0, 1.0), (1.0, 2.0), (2.0, 2.0)):
        editor.painter.paint(pictures, hidden, lips, torch.zeros(2), *strengths)
    assert asked == [2, 4, 6]  # all views of all mouths in one call


def test_a_strength_that_is_left_out_is_the_models_own(editor: LandmarkEditor) -> None:
    assert wanted_guidance(editor) == OWN
    assert wanted_guidance(editor, person=3.0) == Guidance(3.0, 1.0)
    assert wanted_guidance(editor, expression=0.0) == Guidance(1.0, 0.0)


def test_an_editor_that_paints_nothing_has_none_and_says_so() -> None:
    plain = tiny_landmark_editor()
    assert wanted_guidance(plain) is None
    assert guided(plain, None) is plain
    assert guidance_cells(guidance_of(plain)) == ("", "")
    for refused in (lambda: wanted_guidance(plain, 1.0), lambda: guided(plain, OWN)):
        with pytest.raises(SettingsError, match="LandmarkEditor has no guidance to set"):
            refused()


@pytest.mark.parametrize("strength", [-0.1, 4.5, float("nan"), float("inf")])
def test_a_strength_out_of_range_is_refused(strength: float) -> None:
    with pytest.raises(SettingsError, match="between 0 and 4"):
        Guidance(strength, 1.0)
    with pytest.raises(SettingsError, match="between 0 and 4"):
        Guidance(1.0, strength)
