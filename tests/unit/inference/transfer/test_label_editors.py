"""An editor that knows expressions by their names alone: what it can be asked for, and what it says to the rest."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fer_demo.errors import CheckpointError, NoFaceError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.transfer.interpolation import interpolate
from fer_demo.inference.transfer.swap import swap_row, two_way_grid
from fer_demo.inference.transfer.transfer import direction_to, edited, edited_photo, transfer_named
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.published.model import FaceModelConfig, PublishedModel
from tests.translator import TinyTranslator

SIZE = 16


@pytest.fixture(scope="module")
def editor() -> PublishedModel:
    torch.manual_seed(0)
    return TinyTranslator(FaceModelConfig(size=SIZE, channels=3)).eval()


@pytest.fixture(scope="module")
def judge() -> PublishedModel:
    return ExpressionClassifier(ExpressionClassifierConfig(size=SIZE, stem=4, widths=(4,), blocks=(1,))).eval()


def person(seed: int = 0) -> FaceCrop:
    pixels = np.random.default_rng(seed).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    return FaceCrop(pixels, None)


def test_a_named_expression_is_shown_as_far_as_is_asked_for(editor: PublishedModel) -> None:
    sad = direction_to(editor, person(), "sad")
    assert (edited(editor, sad, 0.0) == person().photo).all()
    half, whole = (edited(editor, sad, amount).astype(float) for amount in (0.5, 1.0))
    assert np.abs(half - (whole + person().photo) / 2).max() <= 1
    faces = transfer_named(editor, [person(), person(1)], "sad")
    assert (faces[0] == whole).all()
    assert (faces[1] != faces[0]).any()
    assert (edited(editor, direction_to(editor, person(), "happy")) != whole).any()


def test_another_face_cannot_drive_it_and_the_sentence_says_why(editor: PublishedModel) -> None:
    words = "This model knows expressions by their names alone and cannot follow another face; name one of angry"
    with pytest.raises(CheckpointError, match=words):
        direction_to(editor, person(), person(1))


def test_a_strip_and_a_row_of_all_expressions_are_measured(editor: PublishedModel, judge: PublishedModel) -> None:
    strip = interpolate(editor, judge, person(), None, "surprise", 5)
    assert (strip.frames[0] == person().photo).all()
    assert strip.identity_similarity is None
    row = swap_row(editor, judge, None, person())
    assert len({picture.tobytes() for picture in row.pictures}) == len(BASIC)


def test_what_needs_codes_is_refused_in_a_sentence(editor: PublishedModel, judge: PublishedModel) -> None:
    with pytest.raises(SettingsError, match="one expression at a time"):
        interpolate(editor, judge, person(), "happy", "sad", 3)
    with pytest.raises(SettingsError, match="no identity codes"):
        interpolate(editor, judge, person(), None, person(1), 3, along="identity")
    with pytest.raises(SettingsError, match="no identity codes"):
        two_way_grid(editor, judge, None, person(), person(1), "sad")


def test_without_a_known_face_there_is_no_place_in_a_photo(editor: PublishedModel) -> None:
    with pytest.raises(NoFaceError, match="cannot be put back into it"):
        edited_photo(editor, direction_to(editor, person(), "sad"))


def test_in_a_photo_only_what_the_edit_changed_is_added(editor: PublishedModel) -> None:
    """A photo eight times as fine as the model keeps its detail."""
    photo = np.random.default_rng(2).integers(60, 200, (8 * SIZE, 8 * SIZE, 3), dtype=np.uint8)
    face = DetectedFace((0, 0, 8 * SIZE, 8 * SIZE), TEMPLATE * 8 * SIZE, 1.0)
    direction = direction_to(editor, FaceCrop(photo, face), "sad")
    assert (edited_photo(editor, direction, 0.0) == photo).all()
    changed = edited_photo(editor, direction, 0.2).astype(float) - photo
    assert np.abs(changed).max() > 2
    assert np.abs(np.diff(changed, axis=1)).mean() < 0.2 * np.abs(np.diff(photo.astype(float), axis=1)).mean()
