"""What the tab answers with an editor that moves photos, with one that paints, and with parts missing."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from fer_demo.capabilities import Guidance
from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError, DataError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.recognize.probabilities import recognize
from fer_demo.inference.study.synthetic_files import MARK
from fer_demo.inference.transfer.edit_stack import EditStack
from fer_demo.inference.transfer.editing import EditLayer, traced
from fer_demo.inference.transfer.true_pairs import NaturalSize
from fer_demo.interface.context import AppContext
from fer_demo.interface.loaded_models import LoadedModels
from fer_demo.interface.tabs.transfer import build
from fer_demo.interface.tabs.transfer.comparison import CHOSEN, SEVEN, Compared, Comparing, view
from fer_demo.interface.tabs.transfer.comparison import _file as _file_of_comparison
from fer_demo.interface.tabs.transfer.fine_control import BY_REQUEST, NAMES, _layer, _scored
from fer_demo.interface.tabs.transfer.matrix import Person, _begun, _longer, _people_of, _photos, _studies
from fer_demo.interface.tabs.transfer.matrix import _file as _file_of_matrix
from fer_demo.interface.tabs.transfer.page import _arrange
from fer_demo.interface.tabs.transfer.request import (
    AS_READ,
    DRIVER,
    EXPRESSION,
    FACE,
    NAMED,
    STEPS,
    EditRequest,
    edit_request,
)
from fer_demo.interface.tabs.transfer.strip import PHOTO, _file, _result, asked_for, measured_walk
from fer_demo.interface.tabs.transfer.trace_view import BETWEEN_PEOPLE, NO_TRACE, trace_of
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from fer_demo.models.identity_embedder import IdentityEmbedder, IdentityEmbedderConfig
from fer_demo.models.ipd_fer import IPDFER, IPDFERConfig
from fer_demo.models.pixel_regression import PixelRegression, PixelRegressionConfig
from fer_demo.models.selective_feature_sharing import SelectiveFeatureSharing, SelectiveFeatureSharingConfig
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from fer_demo.published.model import FaceModelConfig
from fer_demo.settings import AppSettings
from tests.detectors import NoFaces
from tests.editors import tiny_landmark_editor
from tests.translator import TinyTranslator

Start = Callable[..., AppContext]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small models with random weights, by their catalogue names."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("models")
    tiny_landmark_editor().save(path / "landmark_editor")
    tiny_landmark_editor(painter_widths=(8,)).save(path / "painting_editor")
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
        return AppContext(AppSettings(), NoFaces(), LoadedModels(models), None, {})

    return context


def photo(seed: int = 0) -> ChosenFace:
    pixels = np.random.default_rng(seed).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    return ChosenFace((FaceCrop(pixels, DetectedFace((20.0, 10.0, 90.0, 80.0), TEMPLATE * 70 + (20, 10), 0.9)),))


def compared(context: AppContext, request: EditRequest, amount: float = 1.0) -> Compared:
    """The whole comparison of what is asked for."""
    work = Comparing(context, request, amount, CHOSEN)
    work.advance(60)
    return work.compared


def test_every_editor_is_asked_for_all_seven_and_what_is_done_can_be_had_early(start: Start) -> None:
    context = start("landmark_editor", "tdgan", "identity_embedder")
    request = edit_request(context, photo(), photo(1), DRIVER, "happy", EXPRESSION, "landmark_editor")
    work = Comparing(context, request, 1.0, SEVEN)
    work.advance(0)
    early = work.compared
    assert (early.done, early.total, work.total) == (1, 14, 14)
    assert "tdgan" not in early.results
    work.advance(60)
    assert early.done == 1  # what was shown stays as it was
    whole = work.compared
    assert {name: tuple(made) for name, made in whole.results.items()} == {"landmark_editor": BASIC, "tdgan": BASIC}
    shown = view(whole)
    assert shown.count('class="editor zoomable') == 14
    assert 'data-method="tdgan">TDGAN</a>' in shown
    name, _, content = _file_of_comparison(context, "CSV", whole)
    assert name.endswith("7-expressions_1.00.csv")
    assert [line.split(",")[1] for line in content.decode().splitlines()[1:]] == [*BASIC, *BASIC]
    with Image.open(io.BytesIO(_file_of_comparison(context, "PNG", whole)[2])) as picture:
        assert picture.height > 7 * 100


def test_a_photo_editors_strip_is_measured_by_the_embedder(start: Start) -> None:
    context = start("landmark_editor", "tdgan", "identity_embedder")
    shown = measured_walk(
        context, edit_request(context, photo(), None, NAMED, "happy", EXPRESSION, "landmark_editor"), 1.0
    )
    assert shown.walk.measured.strip.frames.shape == (STEPS, 256, 256, 3)
    assert shown.walk.measured.strip.identity.distances[0] == 0
    assert shown.strip.count("distance") == STEPS
    assert "two photos no farther apart are taken to show one person" in shown.explained
    assert "distance" in shown.result
    assert "Back in the photo" in shown.result


def test_without_an_embedder_the_editors_own_view_is_shown_and_it_is_said(start: Start) -> None:
    context = start("tdgan")
    shown = measured_walk(context, edit_request(context, photo(), None, NAMED, "happy", EXPRESSION, "tdgan"), 0.5)
    assert "<span>identity</span>" in shown.strip
    assert "by TDGAN itself" in shown.explained
    assert "not loaded" in shown.explained
    assert "distance" not in shown.result


def test_with_neither_embedder_nor_identity_code_only_the_expression_is_measured(start: Start) -> None:
    context = start("landmark_editor")
    shown = measured_walk(
        context, edit_request(context, photo(), photo(), DRIVER, "happy", EXPRESSION, "landmark_editor"), 1.0
    )
    assert shown.strip.count('class="measure"') == STEPS


def test_the_face_can_be_changed_only_by_a_model_with_identity_codes(start: Start) -> None:
    context = start("landmark_editor", "tdgan", "identity_embedder")
    assert edit_request(context, photo(), photo(), NAMED, "happy", FACE, "tdgan").along == FACE
    assert edit_request(context, photo(), photo(), NAMED, "happy", FACE, "landmark_editor").along == EXPRESSION
    along, kind, name, driver, *_ = _arrange(context, NAMED, FACE, "landmark_editor")
    assert (along["visible"], along["value"]) == (False, EXPRESSION)
    assert (kind["visible"], name["visible"], driver["visible"]) == (True, True, False)
    along, kind, name, driver, *_ = _arrange(context, NAMED, FACE, "tdgan")
    assert (along["visible"], kind["visible"], name["visible"], driver["visible"]) == (True, False, False, True)
    shown = measured_walk(context, edit_request(context, photo(), photo(), NAMED, "happy", FACE, "tdgan"), 1.0)
    assert "outside" not in shown.strip
    assert "Back in the photo" not in shown.result


def test_an_editor_that_no_face_can_drive_is_not_offered_with_a_driver(start: Start) -> None:
    context = start("landmark_editor", "tdgan")
    mine = TinyTranslator(FaceModelConfig(size=32)).eval()
    context = replace(context, models=LoadedModels({"mine": mine, **context.models}))
    along, *_, model, _ = _arrange(context, NAMED, FACE, "mine")
    assert (along["visible"], model["value"]) == (False, "mine")
    assert [name for _, name in model["choices"]] == ["mine", "landmark_editor", "tdgan"]
    *_, model, _ = _arrange(context, DRIVER, EXPRESSION, "mine")
    assert model["value"] == "landmark_editor"
    assert [name for _, name in model["choices"]] == ["landmark_editor", "tdgan"]
    driven = edit_request(context, photo(), photo(1), DRIVER, "happy", EXPRESSION, "mine")
    assert driven.model == "landmark_editor"
    named = edit_request(context, photo(), photo(1), NAMED, "happy", FACE, "mine")
    assert (named.model, named.along) == ("mine", EXPRESSION)
    assert measured_walk(context, named, 1.0).walk.measured.strip.frames.shape[0] == STEPS
    found = compared(context, driven)
    assert list(found.results) == ["landmark_editor", "tdgan"]
    assert "This model knows expressions by their names alone" in found.troubles["mine"]
    assert "mine: This model" in view(found)


def test_a_driver_is_read_once_for_a_whole_strip_and_never_again_for_an_amount(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = start("landmark_editor", "identity_embedder")
    editor, calls = context.models["landmark_editor"], []
    read = editor.driver_code
    monkeypatch.setattr(editor, "driver_code", lambda *given: calls.append(given[2]) or read(*given))
    request = edit_request(context, photo(), photo(1), DRIVER, "happy", EXPRESSION, "landmark_editor")
    shown = measured_walk(context, request, 1.0)
    assert calls == [None]
    assert "amount 0.50" in _result(context, shown.walk, 0.5)
    _file(context, PHOTO, shown.walk, 0.5, False)
    assert calls == [None]
    other = {"happy": "sad"}.get(shown.walk.study.reading.expression, "happy")
    corrected = asked_for(context, shown.walk, replace(request, label=other), 1.0)
    assert calls == [None, BASIC.index(other)]
    assert corrected.walk.study.expression == other
    assert f"You said that it shows {other}" in corrected.reading
    assert f"from-own-photo-said-to-be-{other}_1.00.png" in _file(context, PHOTO, corrected.walk, 1.0, False)[0]


def test_fine_control_goes_towards_the_driver_as_the_strip_read_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = start("landmark_editor", "identity_embedder")
    request = edit_request(context, photo(), photo(1), DRIVER, "happy", EXPRESSION, "landmark_editor")
    walk = measured_walk(context, request, 1.0).walk
    monkeypatch.setattr(context.models["landmark_editor"], "driver_code", None)  # nobody reads it again
    same = edit_request(context, photo(), photo(1), DRIVER, "happy", EXPRESSION, "landmark_editor")
    for amount in (0.2, 0.8):
        layer = _layer(context, same, walk, BY_REQUEST, "face", amount, *[0.0] * len(NAMES))
        assert layer.code is walk.direction.wanted
        assert layer.intensity == amount


def test_what_a_driver_was_read_as_is_shown_and_names_the_files(start: Start) -> None:
    context = start("landmark_editor")
    shown = measured_walk(
        context, edit_request(context, photo(), photo(1), DRIVER, "sad", EXPRESSION, "landmark_editor"), 1.0
    )
    reading = shown.walk.study.reading
    assert reading.expression == shown.walk.study.expression
    assert f"was read as {reading.expression} ({reading.probability:.0%})" in shown.reading
    for kind in ("CSV", PHOTO):
        name = _file(context, kind, shown.walk, 1.0, False)[0]
        assert name.startswith(f"own-photo_landmark_editor_from-own-photo-read-as-{reading.expression}_")


def test_what_was_said_of_one_driver_is_not_said_of_the_next(start: Start) -> None:
    context = start("landmark_editor")
    request = edit_request(context, photo(), photo(1), DRIVER, "sad", EXPRESSION, "landmark_editor", "fear")
    first = measured_walk(context, request, 1.0)
    assert first.label == "fear"
    assert asked_for(context, first.walk, replace(request, driver=photo(2)), 1.0).label == AS_READ
    assert asked_for(context, first.walk, replace(request, source=photo(2)), 1.0).label == "fear"


def test_what_is_shown_already_is_not_walked_again(start: Start) -> None:
    context = start("landmark_editor")
    request = edit_request(context, photo(), photo(1), NAMED, "sad", EXPRESSION, "landmark_editor")
    first = measured_walk(context, request, 1.0)
    again = asked_for(context, first.walk, replace(request, source=photo(), driver=photo(2)), 1.0)
    assert all(value == gr.skip() for value in again)


def test_an_expression_that_the_face_shows_is_not_offered_but_may_be_chosen(start: Start) -> None:
    context = start("landmark_editor")
    seen = recognize(context.judge_of("landmark_editor"), [photo().crop])[0].top
    request = edit_request(context, photo(), None, NAMED, seen, EXPRESSION, "landmark_editor")
    arrived = asked_for(context, None, request, 1.0)
    assert arrived.name != seen
    assert f"This face shows {seen} already, so {arrived.name} is offered." in arrived.offer
    chosen = asked_for(context, arrived.walk, request, 1.0)
    assert (chosen.name, chosen.offer) == (seen, "")


def test_an_amount_is_an_amount_and_the_size_of_the_result_stands_beside_it(start: Start, tmp_path: Path) -> None:
    context = start("landmark_editor", "tdgan", "identity_embedder")
    tiny_landmark_editor().save(tmp_path)
    measured = load_model(str(tmp_path))
    row = {"set": "London", "expression": "happy", "driven": False, "pairs": 25}
    rows = [{**row, "scores": {"LandmarkEditor at 1": {"size": [0.9, 0.8, 1.0, 25]}}}]
    values = {"weights_sha256": measured.origin.sha256, "tables": {"pairs": {"rows": rows}}}
    (tmp_path / "evaluation.json").write_text(json.dumps(values))
    context = replace(context, models=LoadedModels({**context.models, "landmark_editor": measured}))
    request = edit_request(context, photo(), photo(1), NAMED, "happy", EXPRESSION, "landmark_editor")
    shown = measured_walk(context, request, 1.0)
    assert shown.walk.measured.strip.alphas[-1] == 1
    assert (shown.alpha["minimum"], shown.alpha["maximum"], shown.alpha["value"]) == (-0.5, 1.5, 1.0)
    assert "</dfn> 0.9 (1.0 = as people smile)." in shown.result
    assert "</dfn> 0.5 (1.0 = as people smile)." in _result(context, shown.walk, 0.5)
    lines = [line.split(",") for line in _file(context, "CSV", shown.walk, 1.0, False)[2].decode().splitlines()]
    assert [line[lines[0].index("natural_size")] for line in lines[1:]][::5] == ["0.0000", "0.4500", "0.9000"]
    results = compared(context, request, 0.5).results
    assert results["landmark_editor"]["happy"].size == NaturalSize(0.45, "happy")
    assert results["tdgan"]["happy"].size is None
    for other in (replace(request, name="sad"), replace(request, kind=DRIVER), replace(request, model="tdgan")):
        assert "size" not in measured_walk(context, other, 1.0).result.lower()


def test_the_sliders_of_guidance_reach_every_picture_and_table(start: Start) -> None:
    context = start("painting_editor", "tdgan")
    assert [_arrange(context, NAMED, EXPRESSION, name).painting["visible"] for name in context.editors.values()] == [
        True,
        False,
    ]
    asked = (photo(), photo(1), NAMED, "happy", EXPRESSION, "painting_editor", AS_READ)
    one, two = edit_request(context, *asked, 1.0, 2.0), edit_request(context, *asked, 1.0, 4.0)
    assert two.guidance == Guidance(1.0, 4.0)
    first = measured_walk(context, one, 1.0)
    second = asked_for(context, first.walk, two, 1.0)
    for part in ("result", "strip"):
        assert getattr(first, part) != getattr(second, part)
    shown = _file(context, PHOTO, first.walk, 1.0, False)[2], _file(context, PHOTO, second.walk, 1.0, False)[2]
    assert shown[0] != shown[1]
    layer = EditLayer("happy")
    stacks = [_scored(context, request, EditStack(photo().crop), layer) for request in (one, two)]
    assert (stacks[0].edited.pixels != stacks[1].edited.pixels).any()
    people = (Person("ann", photo().crop),)
    drafts = [
        _longer(context, _begun(context, "painting_editor", "One.", people, ["happy"], 1.0, request.guidance)[0])
        for request in (one, two)
    ]
    assert (drafts[0].matrix.rows[0].pictures != drafts[1].matrix.rows[0].pictures).any()
    results = compared(context, two).results
    assert [made["happy"].guidance for made in results.values()] == [Guidance(1.0, 4.0), None]
    for _, _, content in (_file(context, "CSV", second.walk, 1.0, False), _file_of_matrix("CSV", drafts[1])):
        assert all(line.endswith(",1.0000,4.0000") for line in content.decode().splitlines()[1:])


def test_where_an_edit_moved_and_painted_is_shown_for_editors_that_move_photos(start: Start) -> None:
    context = start("landmark_editor", "tdgan")
    request = edit_request(context, photo(), None, NAMED, "happy", EXPRESSION, "landmark_editor")
    walk = measured_walk(context, request, 1.0).walk
    shown = trace_of(context, walk, 1.0)
    assert shown.count("<img") == 2
    assert "Arrows: where the skin moved" in shown
    assert "at most 0.0%" not in shown
    assert "at most 0.0% of the picture" in trace_of(context, walk, 0.0)
    whole, fifth = (traced(context.editor("landmark_editor"), walk.direction, amount) for amount in (0.3, 0.06))
    np.testing.assert_allclose(fifth.moved, 0.2 * whole.moved, atol=1e-6)
    steps = [after - before for before, after in (whole.landmarks, fifth.landmarks)]
    assert np.abs(steps[0]).max() > 0
    np.testing.assert_allclose(steps[1], 0.2 * steps[0], atol=1e-6)


def test_a_model_with_two_codes_shows_both_donors_rebuilt_from_the_edited_face(start: Start) -> None:
    context = start("tdgan")
    by_name = edit_request(context, photo(), photo(1), NAMED, "happy", EXPRESSION, "tdgan")
    shown = trace_of(context, measured_walk(context, by_name, 1.0).walk, 1.0)
    assert shown.count("<img") == 3
    assert "who it is, read from the edited face: error " in shown
    driven = trace_of(context, measured_walk(context, replace(by_name, kind=DRIVER), 1.0).walk, 1.0)
    assert driven.count("<img") == 6
    assert "its expression, read from the edited face: error " in driven
    between = measured_walk(context, replace(by_name, along=FACE), 1.0).walk
    assert BETWEEN_PEOPLE in trace_of(context, between, 1.0)


def test_two_networks_that_share_show_what_each_level_takes(start: Start) -> None:
    config = SelectiveFeatureSharingConfig(size=32, stem=8, widths=(8, 16), blocks=(1, 1), sharing="full")
    sharing = SelectiveFeatureSharing(config).eval().requires_grad_(False)
    context = start()
    context = replace(context, models=LoadedModels({**context.models, "sharing": sharing}))
    request = edit_request(context, photo(), None, NAMED, "happy", EXPRESSION, "sharing")
    shown = trace_of(context, measured_walk(context, request, 1.0).walk, 1.0)
    assert shown.count("<li>") == 4  # two levels, two directions
    assert shown.count("<b>50%</b>") == 4  # a gate that is fixed lets everything in and keeps half


def test_a_model_that_paints_all_at_once_has_nothing_to_show(start: Start) -> None:
    translator = TinyTranslator(FaceModelConfig(size=16)).eval().requires_grad_(False)
    context = start()
    context = replace(context, models=LoadedModels({**context.models, "translator": translator}))
    request = edit_request(context, photo(), None, NAMED, "happy", EXPRESSION, "translator")
    assert NO_TRACE in trace_of(context, measured_walk(context, request, 1.0).walk, 1.0)


def test_a_pixel_regression_shows_what_stays_of_each_pixel_and_what_is_added(start: Start) -> None:
    lines = PixelRegression(PixelRegressionConfig(size=16)).eval().requires_grad_(False)
    happy = BASIC.index("happy")
    lines.lines.weight[happy, :4], lines.lines.bias[happy, 8:] = 0.25, -20 / 127.5
    context = start()
    context = replace(context, models=LoadedModels({**context.models, "lines": lines}))
    request = edit_request(context, photo(), None, NAMED, "happy", EXPRESSION, "lines")
    shown = trace_of(context, measured_walk(context, request, 1.0).walk, 1.0)
    assert "at least 25%" in shown
    assert "at most 0 of 255" in shown
    assert "by at most 20." in shown
    assert shown.count("<img") == 2
    half = trace_of(context, measured_walk(context, request, 1.0).walk, 0.5)
    assert "at least 62%" in half
    assert "by at most 10." in half


def test_a_model_that_paints_people_at_rest_shows_them_and_what_the_expression_adds(start: Start) -> None:
    painter = IPDFER(IPDFERConfig(widths=(8,), decoder_widths=(8, 8, 8, 8, 8))).eval().requires_grad_(False)
    context = start()
    context = replace(context, models=LoadedModels({**context.models, "rests": painter}))
    request = edit_request(context, photo(), None, NAMED, "happy", EXPRESSION, "rests")
    shown = trace_of(context, measured_walk(context, request, 1.0).walk, 1.0)
    assert shown.count("<img") == 3
    assert "What the expression adds" in shown
    painter.expression_encoder.code.weight.zero_()
    painter.expression_encoder.code.bias.zero_()
    assert "brighter, by at most 0 of 255" in trace_of(context, measured_walk(context, request, 1.0).walk, 1.0)


def test_the_edited_photo_has_the_photos_own_size(start: Start) -> None:
    context = start("landmark_editor")
    shown = measured_walk(
        context, edit_request(context, photo(), None, NAMED, "sad", EXPRESSION, "landmark_editor"), 1.0
    )
    name, kind, content = _file(context, PHOTO, shown.walk, 0.5, False)
    assert (name, kind) == ("own-photo_landmark_editor_sad_0.50.png", "image/png")
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (120, 90)
        assert picture.info["Description"] == MARK


def test_a_matrix_becomes_photos_and_one_study_that_replays(start: Start, tmp_path: Path) -> None:
    context = start("landmark_editor", "identity_embedder")
    people = tuple(Person("ann", photo(seed).crop) for seed in (0, 1))
    draft, _ = _begun(context, "landmark_editor", "Two.", people, ["happy", "sad"], 1.0)
    with pytest.raises(DataError, match="no pictures yet"):
        _photos(context, draft)
    for _ in people:
        draft = _longer(context, draft)
    assert draft.name == "2-people_landmark_editor_2-expressions_1.00"
    assert _file_of_matrix("CSV", draft)[2].decode().splitlines()[1].startswith("ann,happy,1.0000,")
    packed = {}
    for kind, make in (("photos", _photos), ("study", _studies)):
        packing = make(context, draft)
        packing.advance(600)
        name, _, content = packing.file()
        assert name == f"{draft.name}_{kind}.zip"
        packed[kind] = zipfile.ZipFile(io.BytesIO(content))
    assert packed["photos"].namelist() == [
        f"{person}_landmark_editor_{expression}_1.00.png"
        for person in ("01-ann", "02-ann")
        for expression in ("happy", "sad")
    ]
    with Image.open(io.BytesIO(packed["photos"].read("02-ann_landmark_editor_sad_1.00.png"))) as picture:
        assert picture.size == (120, 90)
    records = json.loads(packed["study"].read("study.json"))["studies"]
    assert list(records) == ["01-ann/happy", "01-ann/sad", "02-ann/happy", "02-ann/sad"]


def test_a_photo_without_a_face_is_named_and_the_others_are_taken(start: Start) -> None:
    class TwoFaces:
        """Sees a face in the middle of every picture, and another one of the same size."""

        def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
            side = float(photo.shape[0])
            return (DetectedFace((0.0, 0.0, side, side), TEMPLATE * side, 0.9),) * 2

    context = replace(start("landmark_editor"), detector=TwoFaces())
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "gray").save(buffer, format="PNG")
    added, troubles = _people_of(context, [("letter.txt", b"no picture"), ("Ann & Bob.png", buffer.getvalue())])
    assert [person.name for person in added] == ["Ann-Bob-face-1", "Ann-Bob-face-2"]
    assert [trouble.split(":")[0] for trouble in troubles] == ["letter.txt"]


def test_what_is_missing_is_said(start: Start) -> None:
    context = start("landmark_editor")
    with pytest.raises(DataError, match="no face yet"):
        edit_request(context, None, None, NAMED, "happy", EXPRESSION, "landmark_editor")
    with pytest.raises(DataError, match="no second face"):
        _ = edit_request(context, photo(), None, DRIVER, "happy", EXPRESSION, "landmark_editor").target
    with pytest.raises(CheckpointError, match="no such model"):
        edit_request(context, photo(), None, NAMED, "happy", EXPRESSION, "tdgan")


@pytest.mark.parametrize("names", [(), ("tdgan",), ("landmark_editor",)])
def test_the_tab_is_laid_out_with_whatever_is_there(start: Start, names: tuple[str, ...]) -> None:
    with gr.Blocks():
        build(start(*names))
