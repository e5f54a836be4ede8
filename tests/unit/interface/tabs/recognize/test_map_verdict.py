"""The heat map is checked when somebody asks, and the verdict is of the map that is shown."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fer_demo.errors import DataError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.verdict import no_evidence
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.interface.tabs.recognize.map_verdict import ShownMap, begun, judged, verdict_words
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.settings import AppSettings
from tests.detectors import NoFaces

NAME = "expression_classifier"


@pytest.fixture
def context() -> AppContext:
    torch.manual_seed(0)
    model = ExpressionClassifier(ExpressionClassifier.config_class()).eval()
    return AppContext(AppSettings(), NoFaces(), LoadedModels({NAME: model}), None, {})


@pytest.fixture
def shown() -> ShownMap:
    photo = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    return ShownMap(FaceCrop(photo, None), NAME, "label", "happy")


def test_a_map_has_its_verdict_when_all_checks_are_done(context: AppContext, shown: ShownMap) -> None:
    work = begun(context, shown)
    assert work.done == 0
    work.advance(0)
    assert verdict_words(judged(shown, work)) == ""  # stopped early: nothing is claimed
    work.finished()
    found = judged(shown, work)
    assert found is not shown
    assert found.verdict is not None
    assert found.verdict.word in ("faithful", "weak", "fails", "no evidence")
    assert found.verdict.sentence[:10] in verdict_words(found)


def test_that_nothing_speaks_for_an_expression_is_said(shown: ShownMap) -> None:
    none = ShownMap(shown.crop, NAME, "label", "sad", no_evidence("sad"))
    assert "nothing in this face speaks for sad" in verdict_words(none)


def test_without_a_face_there_is_nothing_to_check(context: AppContext) -> None:
    with pytest.raises(DataError, match="choose a photo first"):
        begun(context, None)
    assert verdict_words(None) == ""
