"""What the Explain tab asks, shows and hands over."""

from __future__ import annotations

import csv
import io
import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from fer_demo.checkpoints import bundled_evaluation, load_model
from fer_demo.data.loading import load_bundled
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.explain.asking import CODE, PERSON
from fer_demo.inference.explain.counterfactual import Counterfactual
from fer_demo.inference.explain.many_faces import (
    MeanMaps,
    RegionTable,
    faithful_counts,
    load_mean_maps,
    region_row,
    region_table,
)
from fer_demo.inference.explain.methods import MASKS
from fer_demo.inference.explain.regions import REGIONS
from fer_demo.inference.transfer.editing import EditedFace
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.interface.tabs.explain.change import Changed, changed_view, figures_of_change, search_of
from fer_demo.interface.tabs.explain.explaining import (
    BOTH,
    NONE,
    ON_ARRIVAL,
    OWN,
    Explained,
    Explanations,
    explanations_of,
    offered_targets,
    still_there,
)
from fer_demo.interface.tabs.explain.files import CSV, JSON, PNG, file_of
from fer_demo.interface.tabs.explain.many import many_faces_view
from fer_demo.interface.tabs.explain.page import _Choice, _same_question
from fer_demo.interface.tabs.explain.teachers import Taught, teachers_view
from fer_demo.interface.tabs.explain.teachers import search_of as search_teachers
from fer_demo.interface.tabs.explain.view import curve_figures, maps_awaited, maps_view
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.interface.widgets.long_work import LongWork
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.settings import AppSettings
from tests.detectors import NoFaces

NAME = "expression_classifier"


@pytest.fixture(scope="module")
def context() -> AppContext:
    torch.manual_seed(0)
    model = ExpressionClassifier(ExpressionClassifier.config_class()).eval()
    return AppContext(AppSettings(), NoFaces(), LoadedModels({NAME: model}), None, {})


@pytest.fixture(scope="module")
def chosen() -> ChosenFace:
    photo = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    return ChosenFace((FaceCrop(photo, None),))


@pytest.fixture(scope="module")
def explained(context: AppContext, chosen: ChosenFace) -> Explained:
    """Two methods, examined to the end; all maps are there after the first step."""
    work = explanations_of(context, chosen, NAME, "happy", "sad", ["Grad-CAM", "occlusion"])
    work.advance(0)
    first = work.found()
    assert list(first.maps) == ["Grad-CAM", "occlusion"]
    assert not first.checked
    assert 0 < work.done < work.total
    assert maps_view(first, 0.7).count("Not checked yet") == 2
    assert curve_figures(first) == []
    while work.done < work.total:
        work.advance(1)
    return work.found()


def test_each_map_is_shown_with_its_verdict_and_its_curves(explained: Explained) -> None:
    assert explained.checked
    shown = maps_view(explained, 0.7)
    assert shown.count("<figure") == 2
    assert "happy and not sad" in shown
    assert all(one.verdict is not None and one.verdict.sentence[:8] in shown for one in explained.maps.values())
    assert maps_view(explained, 0.1) != shown
    assert [figure.layout.title.text for figure in curve_figures(explained)] == ["deletion", "insertion", "ROAD"]


def test_the_maps_come_without_their_checks_and_can_be_copied_for_every_visitor(
    context: AppContext, chosen: ChosenFace, explained: Explained
) -> None:
    maps = deepcopy(explanations_of(context, chosen, NAME, "happy", "sad", ["Grad-CAM"]).maps())
    assert not maps.checked
    np.testing.assert_array_equal(maps.maps["Grad-CAM"].heat, explained.maps["Grad-CAM"].heat)


def test_files_hold_what_is_shown(context: AppContext, chosen: ChosenFace, explained: Explained) -> None:
    with Image.open(io.BytesIO(file_of(PNG, explained, 0.7, None)[2])) as picture:
        assert picture.width > 2 * 100
    figures = json.loads(file_of(JSON, explained, 0.7, None)[2])
    assert list(figures["methods"]) == ["Grad-CAM", "occlusion"]
    assert figures["question"] == "happy and not sad"
    rows = list(csv.DictReader(io.StringIO(file_of(CSV, explained, 0.7, None)[2].decode())))
    for method, one in explained.maps.items():
        values = [float(row["value"]) for row in rows if row["method"] == method]
        np.testing.assert_allclose(values, np.ravel(one.heat), rtol=1e-4, atol=1e-6)
    for unchecked in (None, explanations_of(context, chosen, NAME, OWN, NONE, ["Grad-CAM"]).maps()):
        with pytest.raises(DataError, match="not checked yet"):
            file_of(PNG, unchecked, 0.7, None)


def test_both_codes_of_a_model_stand_side_by_side_each_with_its_own_curves(chosen: ChosenFace) -> None:
    context = AppContext(AppSettings(), NoFaces(), LoadedModels({"tdgan": load_model("tdgan")}), None, {})
    assert offered_targets(context.model("tdgan"))[-3:] == (PERSON, CODE, BOTH)
    work = explanations_of(context, chosen, "tdgan", "happy", NONE, ["Grad-CAM", "integrated gradients"], BOTH)
    work.advance(0)
    found = work.found()
    questions = ["this person", "happy in the expression code"]
    assert list(found.maps) == [
        f"Grad-CAM, {questions[1]}",
        *(f"integrated gradients, {question}" for question in questions),
    ]
    (why,) = found.troubles
    assert why.startswith("Grad-CAM, this person: ")
    assert found.question == "this person and happy in the expression code"
    one, two = (found.maps[f"integrated gradients, {question}"].heat for question in questions)
    assert not np.allclose(one, two)
    shown = maps_view(found, 0.7)
    assert shown.count("<figure") == 3
    assert shown.count('zoomable second"') == 2  # the column of the expression code


def test_masks_are_offered_by_the_model_that_brings_them_and_go_with_it(context: AppContext) -> None:
    masked, plain = load_model("residual_masking"), context.model(NAME)
    assert still_there(masked, ["occlusion", MASKS[1]]) == ["occlusion", MASKS[1]]
    assert still_there(plain, ["occlusion", MASKS[1]]) == ["occlusion"]
    assert still_there(plain, [MASKS[0], MASKS[1]]) == list(ON_ARRIVAL)
    assert BOTH not in offered_targets(plain)


def test_what_another_model_had_to_explain_is_not_asked_of_one_that_has_it_not(
    context: AppContext, chosen: ChosenFace
) -> None:
    found = explanations_of(context, chosen, NAME, "happy", NONE, ["occlusion"], BOTH).maps()
    assert found.question == "happy"
    assert list(found.maps) == ["occlusion"]


def test_what_cannot_be_asked_is_a_sentence(context: AppContext, chosen: ChosenFace) -> None:
    with pytest.raises(DataError, match="choose a photo first"):
        explanations_of(context, None, NAME, OWN, NONE, ["Grad-CAM"])
    for methods in ([], ["Grad-CAM"] * 4):
        with pytest.raises(DataError, match="Choose one to 3 methods"):
            explanations_of(context, chosen, NAME, OWN, NONE, methods)
    with pytest.raises(CheckpointError, match="no such model"):
        explanations_of(context, chosen, "nobody", OWN, NONE, ["Grad-CAM"])
    with pytest.raises(SettingsError, match="two different expressions"):
        explanations_of(context, chosen, NAME, "sad", "sad", ["Grad-CAM"])
    with pytest.raises(SettingsError, match="There is no method"):
        explanations_of(context, chosen, NAME, OWN, NONE, ["tea leaves"])


def test_a_change_is_asked_of_a_face_and_a_wanted_label(context: AppContext, chosen: ChosenFace) -> None:
    with pytest.raises(DataError, match="choose a photo first"):
        search_of(context, None, NAME, "surprise")
    with pytest.raises(DataError, match="Choose the wanted label"):
        search_of(context, chosen, NAME, NONE)
    with pytest.raises(CheckpointError, match="No editor of photos"):
        search_of(context, chosen, NAME, "surprise")


def test_a_change_is_shown_with_the_difference_and_the_second_opinion() -> None:
    before, after = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8)
    after[2, 3] = 40
    zeros = np.zeros(52, np.float32)
    edited = EditedFace(after, before, zeros, np.eye(52, dtype=np.float32)[0] / 2, *[zeros] * 4)
    found = Counterfactual(edited, {"jaw open": 0.5, "smile": 0.01}, "surprise", "happy", "surprise", 0.61)
    shown = changed_view(Changed(found, ("Judge", "happy", "happy"), "Still the same person."))
    assert shown.count("<figure") == 3
    assert "The label becomes surprise with: jaw open +0.50." in shown
    assert "Size of the change: 0.50." in shown
    assert "the label stays happy" in shown
    assert figures_of_change(Changed(found, None, ""))["movements"] == {"jaw open": 0.5, "smile": 0.01}
    assert changed_view(None) == ""


def test_faces_that_taught_an_answer_are_found_a_step_at_a_time_and_known_the_next_time(chosen: ChosenFace) -> None:
    torch.manual_seed(0)
    model = ExpressionClassifier(ExpressionClassifier.config_class()).eval()
    faces = load_bundled().select(range(0, 1960, 13))
    context = AppContext(AppSettings(), NoFaces(), LoadedModels({NAME: model}), faces, {})
    kept: dict[str, Taught] = {}
    search = search_teachers(context, kept, chosen, NAME, "happy")
    steps = 0
    while search.done < search.total:
        search.advance(0)
        steps += 1
    assert steps > 2  # two batches, then the layer
    assert search.result is not None
    labels = faces.column("expression")
    assert labels[search.result.helpful[0]] == "happy"
    shown = teachers_view(context, search.result)
    assert shown.count("Computer-made face, happy") >= 1
    assert "trained again on 76 computer-made faces" in shown
    again = search_teachers(context, kept, chosen, NAME, "happy")
    again.advance(0)
    assert again.result is not None
    assert again.result.helpful == search.result.helpful
    assert teachers_view(context, None) == ""
    with pytest.raises(DataError, match="choose a photo first"):
        search_teachers(context, kept, None, NAME, "happy")
    with pytest.raises(SettingsError, match="shows contempt"):
        search_teachers(context, kept, chosen, NAME, "contempt")


def test_the_picture_has_the_changed_face_and_then_says_that_it_is_edited(explained: Explained) -> None:
    before, after = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 40, np.uint8)
    zeros = np.zeros(52, np.float32)
    edited = EditedFace(after, before, *[zeros] * 6)
    found = Changed(Counterfactual(edited, {}, "surprise", "happy", "surprise", 0.6), None, "")
    plain, with_change = (file_of(PNG, explained, 0.7, changed)[2] for changed in (None, found))
    with Image.open(io.BytesIO(plain)) as one, Image.open(io.BytesIO(with_change)) as two:
        assert two.height > one.height + 100
        assert two.width == one.width
        assert "Synthetic" in two.info["Description"]
        assert "Description" not in one.info


def test_over_many_faces_each_method_has_its_rate_and_the_part_that_carries_the_answer_is_marked(tmp_path) -> None:
    model = load_model("expression_classifier")
    context = AppContext(AppSettings(), NoFaces(), LoadedModels({NAME: model}), None, {})
    counts = bundled_evaluation(NAME, model, "explanations", faithful_counts)
    assert counts is not None
    shown = many_faces_view(context, NAME)
    assert f"is faithful on {counts[1]['occlusion']}." in shown
    chosen = ChosenFace((FaceCrop(np.full((48, 48, 3), 9, np.uint8), None),))
    often = explanations_of(context, chosen, NAME, "happy", NONE, ["occlusion"]).maps().often
    assert often["occlusion"] == f"Of {counts[0]} faces, occlusion is faithful on {counts[1]['occlusion']}."
    row = region_row("happy", [0.4, -0.1, 0.0, 0.1, 0.2, 0.9])  # the rest of the picture is no part of the face
    assert row.carries == "mouth"
    table = {"data": "some faces", "each": 3, "regions": list(REGIONS), "rows": [["happy", list(row.shares)]]}
    assert region_table({"regions": table}) == RegionTable("some faces", 3, (row,))
    maps = MeanMaps("abc", ("happy",), np.zeros((1, 56, 56), np.uint8), np.ones((1, 56, 56), np.float32))
    maps.save(tmp_path / f"{NAME}.npz")
    assert load_mean_maps(NAME, model, tmp_path) is None  # of other weights
    (tmp_path / f"{NAME}.npz").write_bytes(b"no archive")
    with pytest.raises(CheckpointError, match="evaluate regions"):
        load_mean_maps(NAME, model, tmp_path)


def test_nobody_explained_a_model_of_a_visitor_on_many_faces(context: AppContext) -> None:
    assert "has not been explained on many faces" in many_faces_view(context, NAME)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_uniform_picture_that_is_not_aligned_is_explained_or_says_why_not(context: AppContext, grey: int) -> None:
    face = ChosenFace((FaceCrop(np.full((40, 70, 3), grey, np.uint8), None),))
    work = explanations_of(context, face, NAME, "happy", NONE, ["Grad-CAM", "integrated gradients", "occlusion"])
    while work.done < work.total:
        work.advance(60)
    found = work.found()
    assert found.checked
    for method in ("integrated gradients", "occlusion"):  # every part is as grey as the grey that hides it
        verdict = found.maps[method].verdict
        assert verdict is not None
        assert verdict.word in ("no evidence", "fails"), verdict.sentence
    with pytest.raises(SettingsError, match=r"No face was found.*use occlusion"):
        explanations_of(context_with_landmarker(), face, NAME, "happy", NONE, ["region Shapley"])


def context_with_landmarker() -> AppContext:
    torch.manual_seed(0)
    model = ExpressionClassifier(ExpressionClassifier.config_class()).eval()
    models = LoadedModels({NAME: model, "face_landmarker": load_model("face_landmarker")})
    return AppContext(AppSettings(), NoFaces(), models, None, {})


def test_a_second_press_begins_anew_and_the_first_work_is_never_shown(context: AppContext, chosen: ChosenFace) -> None:
    begun: list[Explanations] = []

    def begin(*values: Any) -> Explanations:
        begun.append(explanations_of(context, *values))
        return begun[-1]

    handlers: list[Any] = []
    with gr.Blocks():
        work, subject = LongWork("Check", "checks", "check"), gr.State(None)
        work.connect(
            lambda triggers, work, *rest, **named: handlers.append(work),
            begin,
            [],
            lambda shown, done: done.found(),
            subject,
            None,
            again=True,
        )
    start, tick, _ = handlers
    first = start(None, chosen, NAME, "happy", NONE, ["occlusion"]).job
    tick(first, None)
    half = first.work.done
    second = start(None, chosen, NAME, "happy", NONE, ["Grad-CAM"]).job  # takes the first one's place in the page
    while not second.over:
        shown = tick(second, None)
    shown = tick(second, None)
    assert list(shown[-2].maps) == ["Grad-CAM"]
    assert first.work.done == half < first.work.total  # nobody works on it any more
    assert begun == [first.work, second.work]


def test_only_the_question_on_arrival_has_the_maps_that_everybody_shares(chosen: ChosenFace) -> None:
    example = _Choice(replace(chosen, example=3), NAME, OWN, NONE, list(ON_ARRIVAL), "the answer")
    assert _same_question(example._replace(face=deepcopy(example.face)), example)
    assert not _same_question(example._replace(face=chosen), example)  # a visitor's own photo
    assert not _same_question(example._replace(face=None), example)
    assert not _same_question(example._replace(expression="happy"), example)
    assert not _same_question(example._replace(methods=list(ON_ARRIVAL)[:2]), example)


def test_maps_on_their_way_have_their_places_and_what_is_known_of_their_methods() -> None:
    shown = maps_awaited(ON_ARRIVAL, {ON_ARRIVAL[1]: "Faithful on half of them."})
    assert shown.count('class="blank"') == len(ON_ARRIVAL)
    assert "<img" not in shown
    assert shown.count("Faithful on half of them.") == 1
