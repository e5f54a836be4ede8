"""A link asks for the same request again, and for nothing that is not there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fer_demo.capabilities import Guidance
from fer_demo.checkpoints import load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import RetiredError
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.quality import MOUTH_HIDDEN
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.interface.tabs.transfer.request import (
    AS_READ,
    DRIVER,
    EXPRESSION,
    MOUTH_LEFT,
    NAMED,
    edit_request,
    example,
    file_name,
    opening_request,
    plain_name,
    read_link,
    settings_of,
)
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.settings import AppSettings
from tests.detectors import NoFaces
from tests.editors import tiny_landmark_editor


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> AppContext:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models") / "landmark_editor"
    tiny_landmark_editor(painter_widths=(8,)).save(folder)
    return AppContext(
        AppSettings(), NoFaces(), LoadedModels({"landmark_editor": load_model(str(folder))}), load_bundled(), {}
    )


@pytest.mark.parametrize(("kind", "name", "alpha"), [(NAMED, "sad", 0.35), (DRIVER, "happy", 1.0)])
def test_a_link_gives_back_what_was_wished_for(context: AppContext, kind: str, name: str, alpha: float) -> None:
    request = edit_request(context, example(context, 2), example(context, 4), kind, name, EXPRESSION, "landmark_editor")
    settings = settings_of(context, request, alpha)
    assert settings is not None
    asked = read_link(context, settings)
    assert asked is not None
    assert asked.alpha == pytest.approx(alpha)
    assert (asked.request.kind, asked.request.name, asked.request.source.example) == (kind, name, 2)
    assert kind == NAMED or (asked.request.driver is not None and asked.request.driver.example == 4)


def test_there_is_no_link_to_a_visitors_photo(context: AppContext) -> None:
    own = ChosenFace((FaceCrop(np.zeros((64, 64, 3), np.uint8), None),))
    request = edit_request(context, own, None, NAMED, "sad", EXPRESSION, "landmark_editor")
    assert settings_of(context, request, 1.0) is None
    with_own = edit_request(context, example(context, 2), own, DRIVER, "sad", EXPRESSION, "landmark_editor")
    assert settings_of(context, with_own, 1.0) is None


def test_a_link_keeps_what_the_driver_is_said_to_show(context: AppContext) -> None:
    request = edit_request(
        context, example(context, 2), example(context, 4), DRIVER, "sad", EXPRESSION, "landmark_editor", "fear"
    )
    asked = read_link(context, settings_of(context, request, 1.0) or {})
    assert asked is not None
    assert asked.request.label == "fear"
    assert asked.request.same(request)
    assert not asked.request.same(replace(request, label="sad"))


def test_files_are_named_by_person_model_expression_and_amount(context: AppContext) -> None:
    one, other = example(context, 2), example(context, 4)
    own = ChosenFace((FaceCrop(np.zeros((64, 64, 3), np.uint8), None),))
    keys = [context.bundled.column("key")[context.example_rows[index]] for index in (2, 4)]
    named = edit_request(context, one, other, NAMED, "sad", EXPRESSION, "landmark_editor")
    assert file_name(context, named, "sad", 0.5) == f"{keys[0]}_landmark_editor_sad_0.50"
    read = replace(named, kind=DRIVER, source=own)
    assert file_name(context, read, "happy") == f"own-photo_landmark_editor_from-{keys[1]}-read-as-happy"
    said = replace(read, label="fear", model="owner/my model")
    assert file_name(context, said, "fear") == f"own-photo_owner-my-model_from-{keys[1]}-said-to-be-fear"
    assert plain_name("../..", "日本 x") == "nameless_日本-x"


def test_doubts_are_about_the_faces_that_take_part(context: AppContext) -> None:
    dark, turned = (
        ChosenFace((FaceCrop(np.zeros((64, 64, 3), np.uint8), None, (note,)),)) for note in ("Dark.", "Turned.")
    )
    by_name, by_face = (
        edit_request(context, dark, turned, kind, "sad", EXPRESSION, "landmark_editor") for kind in (NAMED, DRIVER)
    )
    for moves_photo in (False, True):
        assert by_name.warnings(moves_photo) == ("Dark.",)
        assert by_face.warnings(moves_photo) == ("Dark.", "Second face: Turned.")


def test_it_is_told_that_a_hidden_mouth_is_left_alone_where_it_is(context: AppContext) -> None:
    masked = ChosenFace((FaceCrop(np.zeros((64, 64, 3), np.uint8), None, (MOUTH_HIDDEN,)),))
    asked = edit_request(context, masked, masked, DRIVER, "sad", EXPRESSION, "landmark_editor")
    assert asked.warnings(moves_photo=True) == (MOUTH_LEFT, f"Second face: {MOUTH_HIDDEN}")
    assert asked.warnings(moves_photo=False)[0] == MOUTH_HIDDEN


def test_a_link_may_name_a_model_alone(context: AppContext) -> None:
    asked, usual = read_link(context, {"model": "landmark_editor", "expression": "sad"}), opening_request(context)
    assert asked is not None
    assert usual is not None
    assert asked.request.model == "landmark_editor"
    assert asked.request.source.example == usual.source.example
    assert asked.alpha == 1
    changed = read_link(context, {"model": "landmark_editor", "expression": "fear", "alpha": "0.25"})
    assert changed is not None
    assert (changed.request.name, changed.alpha) == ("fear", 0.25)


def test_a_link_keeps_how_the_mouth_is_painted(context: AppContext) -> None:
    request = edit_request(
        context, example(context, 1), None, NAMED, "sad", EXPRESSION, "landmark_editor", AS_READ, 0.5, 3.25
    )
    assert request.guidance == Guidance(0.5, 3.25)
    query = settings_of(context, request, 0.5) or {}
    assert query["guidance"] == "0.5,3.25"
    asked, usual = read_link(context, query), read_link(context, {"expression": "sad"})
    assert asked is not None
    assert usual is not None
    assert asked.request.same(request)
    assert usual.request.guidance == Guidance(1.0, 1.0)
    assert not asked.request.same(replace(request, guidance=usual.request.guidance))


@pytest.mark.parametrize(
    "change",
    [
        {"model": "nothing"},
        {"source": "nobody"},
        {"expression": "joyful"},
        {"alpha": "much"},
        {"alpha": "nan"},
        {"driver": "nobody", "kind": "driver"},
        {"kind": "spell"},
        {"along": "both"},
        {"guidance": "much"},
        {"guidance": "1"},
        {"guidance": "1,2,3"},
        {"guidance": "1,nan"},
        {"guidance": "1,9"},
    ],
)
def test_a_link_to_what_is_not_there_asks_for_nothing(context: AppContext, change: dict[str, str]) -> None:
    request = edit_request(context, example(context, 1), None, NAMED, "sad", EXPRESSION, "landmark_editor")
    query = settings_of(context, request, 0.5) or {}
    assert read_link(context, query) is not None
    assert read_link(context, {**query, **change}) is None


def test_a_link_to_an_editor_that_was_taken_out_says_what_to_choose_now(context: AppContext) -> None:
    request = edit_request(context, example(context, 1), None, NAMED, "sad", EXPRESSION, "landmark_editor")
    query = settings_of(context, request, 0.5) or {}
    with pytest.raises(RetiredError, match="replaced by landmark_editor"):
        read_link(context, {**query, "model": "warp_editor"})
    with pytest.raises(RetiredError, match="replaced by landmark_editor"):
        context.editor("warp_editor")
