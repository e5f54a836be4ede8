"""What the tab answers about one face: calibrated or not, with people's votes beside the model's answer or without."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image

from fer_demo.checkpoints import describe_model
from fer_demo.data.sources import FaceSource
from fer_demo.errors import SettingsError
from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.recognize.probabilities import recognize
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.interface.programs.photos import recognized_face
from fer_demo.interface.tabs.recognize.comparison import compared
from fer_demo.interface.tabs.recognize.examples import chosen_example
from fer_demo.interface.tabs.recognize.page import CROP_SIDE, _answer
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.interface.widgets.glossary import explained
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.published.calibration import Calibration
from fer_demo.settings import AppSettings
from tests.detectors import NoFaces

VOTES = [1, 6, 1, 0, 0, 0, 0, 1, 1, 0]
NAME = "expression_classifier"


@pytest.fixture
def context() -> AppContext:
    """An untrained recognizer and one drawn face of each expression, of which only the first carries votes."""
    torch.manual_seed(0)
    drawing = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)).save(drawing, format="PNG")
    faces = {
        "image": [{"bytes": drawing.getvalue(), "path": None}] * len(BASIC),
        "expression": list(BASIC),
        "votes": [VOTES] + [None] * (len(BASIC) - 1),
    }
    model = ExpressionClassifier(ExpressionClassifier.config_class()).eval()
    return AppContext(
        AppSettings(), NoFaces(), LoadedModels({NAME: model}), FaceSource("drawings", pa.table(faces)), {}
    )


def people_shares(bars: str) -> dict[str, int]:
    """The outlined shares, in per cent, by expression."""
    rows = re.findall("<li>.*?<span>(.*?)</span>(.*?)</li>", bars)
    outlined = {name: re.search('<s style="width:(.*?)%"', row) for name, row in rows}
    return {name: int(found[1]) for name, found in outlined.items() if found}


def test_a_face_that_people_voted_on_shows_both_distributions(context: AppContext) -> None:
    shown = _answer(context, chosen_example(context, 0), NAME, "label", 0.9)
    assert people_shares(shown.bars) == {"happy": 60, "surprise": 10, "neutral": 10}
    assert shown.bars.count("<li>") == 7
    assert "10 people" in shown.people


def test_what_ten_people_would_say_is_the_answer_where_it_is_asked_for(context: AppContext) -> None:
    shown = _answer(context, chosen_example(context, 0), NAME, "votes", 0.9)
    assert "Of ten people, perhaps" in shown.heading  # no face was found in the drawing
    assert people_shares(shown.bars) == {"happy": 60, "surprise": 10, "neutral": 10, "contempt": 10}
    assert shown.bars.count("<li>") == 8
    assert shown.explained["choices"] == list(WITH_CONTEMPT)
    assert _answer(context, chosen_example(context, 0), NAME, "label", 0.9).explained["choices"] == list(BASIC)
    with pytest.raises(SettingsError, match="votes, label"):
        _answer(context, chosen_example(context, 0), NAME, "guess", 0.9)


def test_programs_are_told_which_answer_they_got(context: AppContext) -> None:
    crop = chosen_example(context, 0).crop  # type: ignore[union-attr]
    votes, label = (
        recognized_face(crop, recognize(context.models[NAME], [crop], answer=answer)[0])
        for answer in ("votes", "label")
    )
    assert (votes.answer, label.answer) == ("votes", "label")
    assert sum(votes.probabilities.values()) == pytest.approx(1, abs=1e-3)
    assert list(votes.probabilities) == list(WITH_CONTEMPT)
    assert list(label.probabilities) == list(BASIC)
    assert votes.people_disagree in (True, False)
    assert label.people_disagree is None


def test_other_faces_show_the_model_alone(context: AppContext) -> None:
    shown = _answer(context, chosen_example(context, 1), NAME, "label", 0.9)
    assert people_shares(shown.bars) == {}
    assert shown.people == ""


def test_a_picture_without_a_face_is_not_answered_with_certainty(context: AppContext) -> None:
    shown = _answer(context, chosen_example(context, 0), NAME, "label", 0.9)
    assert "Not sure" in shown.heading
    assert "No face was found" in shown.notes


def test_another_coverage_changes_its_words_from_what_is_known(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context.models[NAME].calibration = Calibration(1.0, {0.8: 0.5, 0.9: 0.99, 0.95: 1.0}, BASIC, "drawings", 9)
    one = chosen_example(context).crop  # type: ignore[union-attr]
    shown = _answer(context, ChosenFace((one, replace(one))), NAME, "label", 0.8)
    wanted = _answer(context, ChosenFace((one, replace(one))), NAME, "label", 0.95)
    monkeypatch.setattr(context.models[NAME], "expression_logits", None)  # nobody asks the network again
    assert shown.known.doubt(0.8) == shown.doubt != wanted.doubt
    assert (shown.known.doubt(0.95), shown.known.everyone(0.95)) == (wanted.doubt, wanted.everyone)


def test_one_answer_aligns_a_face_once_for_each_size(context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    render = FaceCrop._render
    monkeypatch.setattr(FaceCrop, "_render", lambda crop, size: sizes.append(size) or render(crop, size))
    chosen = chosen_example(context)
    assert chosen is not None
    fresh = ChosenFace((replace(chosen.crop),))
    _answer(context, fresh, NAME, "label", 0.9)
    _answer(context, fresh, NAME, "label", 0.95)
    assert sorted(sizes) == [context.models[NAME].config.size, CROP_SIDE]


def test_coverage_can_be_chosen_only_where_it_was_fitted(context: AppContext) -> None:
    without = _answer(context, chosen_example(context, 0), NAME, "label", 0.9)
    assert without.coverage["visible"] is False
    assert explained("This model is not calibrated") in without.doubt
    context.models[NAME].calibration = Calibration(1.0, {0.8: 0.5, 0.9: 0.99, 0.95: 1.0}, BASIC, "drawings", 9)
    few, many = (_answer(context, chosen_example(context, 0), NAME, "label", share) for share in (0.8, 0.95))
    assert few.coverage["visible"] is True
    assert "or" not in few.doubt.partition("</b>")[0]
    assert ", or " in many.doubt.partition("</b>")[0]


def test_before_any_photo_there_is_an_invitation(context: AppContext) -> None:
    assert "Choose a photo" in _answer(context, None, NAME, "label", 0.9).heading


def test_a_model_that_cannot_be_loaded_is_named_below_those_that_answer(context: AppContext, tmp_path: Path) -> None:
    small = ExpressionClassifierConfig(size=16, stem=4, widths=(4,), blocks=(1,))
    ExpressionClassifier(small).save(tmp_path)
    models = {**context.models, "spoilt": describe_model(str(tmp_path))}
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    both = replace(context, models=LoadedModels(models))
    crop = chosen_example(both).crop  # type: ignore[union-attr]
    shown = compared(both, crop, "label")
    assert "The only model says" in shown
    assert "model.safetensors is damaged" in shown
