"""What Recognize shows goes into an address and comes back; what an address asks for in vain is as on arrival."""

from __future__ import annotations

import pytest
import torch

from fer_demo.data.loading import load_bundled
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.interface.tabs.recognize.examples import FIRST, chosen_example, keys_of_examples
from fer_demo.interface.tabs.recognize.link import BATCH, COVERAGE, PHOTO, read_link, settings_of
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.settings import AppSettings
from tests.detectors import NoFaces

NAMES = ("expression_classifier", "expression_judge")


@pytest.fixture(scope="module")
def context() -> AppContext:
    torch.manual_seed(0)
    models = {name: ExpressionClassifier(ExpressionClassifier.config_class()).eval() for name in NAMES}
    return AppContext(AppSettings(), NoFaces(), LoadedModels(models), load_bundled(), {})


def test_what_is_shown_comes_back(context: AppContext) -> None:
    settings = settings_of(context, chosen_example(context, 5), BATCH, NAMES[1], "label", 0.8)
    asked = read_link(context, {name: str(value) for name, value in settings.items() if value is not None})
    assert asked[1:] == (BATCH, NAMES[1], "label", 0.8)
    assert asked.chosen is not None
    assert asked.chosen.example == 5


def test_a_photo_of_ones_own_is_not_in_the_address(context: AppContext) -> None:
    first = chosen_example(context)
    assert first is not None
    assert "example" not in settings_of(context, ChosenFace(first.crops), PHOTO, NAMES[0], "votes", 0.9)


def test_what_is_asked_in_vain_is_as_on_arrival(context: AppContext) -> None:
    odd = {"look": "x", "model": "../private", "answer": "guess", "coverage": "nan", "example": "-1", "face": "9"}
    for query in ({}, odd):
        asked = read_link(context, query)
        assert asked[1:] == (PHOTO, NAMES[0], "votes", COVERAGE)
        assert asked.chosen is not None
        assert asked.chosen.example == FIRST


def test_every_example_has_its_own_word(context: AppContext) -> None:
    keys = keys_of_examples(context)
    assert len({*keys}) == len(keys) == len(context.example_rows) + 1
