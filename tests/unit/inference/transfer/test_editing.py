"""Edits by a driver, by name and by slider, layer upon layer, on a model whose answers are plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.transfer.editing import (
    SLIDERS,
    EditLayer,
    edit_face,
    edit_further,
    photo_with,
    read_units,
    region_units,
    slider_direction,
)
from fer_demo.models.landmark_editor import LandmarkEditor
from fer_demo.published.model import PublishedModel
from fer_demo.synthetic.units import UNIT_INDEX, UNITS
from tests.editors import tiny_landmark_editor

SIZE = 32


@pytest.fixture(scope="module")
def model() -> PublishedModel:
    """An editor whose warp does something, with a prototype of 0.1, 0.2 ... for each expression."""
    built = tiny_landmark_editor(SIZE)
    built.expression_prototypes.copy_((torch.arange(len(BASIC))[:, None] + 1) / 10)
    return built


def crop(seed: int = 0, face: bool = False) -> FaceCrop:
    coarse = torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(seed)) * 255
    smooth = torch.nn.functional.interpolate(coarse, 120, mode="bilinear")[0].permute(1, 2, 0)
    photo = smooth.numpy().astype(np.uint8)
    found = DetectedFace(box=(30, 30, 90, 90), points=TEMPLATE * 60 + 30, score=1.0) if face else None
    return FaceCrop(photo, found)


def test_without_a_layer_a_face_stays_as_it_is(model: PublishedModel) -> None:
    edited = edit_face(model, crop(), [], size=64)
    np.testing.assert_array_equal(edited.pixels, edited.before)
    np.testing.assert_array_equal(edited.own, edited.wanted)


def test_a_driver_gives_what_it_asks_for_and_half_the_intensity_gives_half_the_way(model: PublishedModel) -> None:
    assert isinstance(model, LandmarkEditor)
    own, driver = read_units(model, [crop(0), crop(1)])
    driven = model.asked_by(torch.from_numpy(driver)[None])[0].numpy()
    whole = edit_face(model, crop(0), [EditLayer(crop(1))])
    half = edit_face(model, crop(0), [EditLayer(crop(1), intensity=0.5)])
    np.testing.assert_allclose(whole.wanted, driven, atol=1e-5)
    np.testing.assert_allclose(half.wanted, (own + driven) / 2, atol=1e-5)
    assert np.abs(whole.pixels.astype(int) - whole.before).max() > 5


def test_a_name_stands_for_its_prototype_in_one_region_alone(model: PublishedModel) -> None:
    edited = edit_face(model, crop(), [EditLayer("happy", region="mouth")])
    mouth = region_units("mouth")
    np.testing.assert_allclose(edited.wanted[mouth], (BASIC.index("happy") + 1) / 10, atol=1e-6)
    np.testing.assert_allclose(edited.wanted[~mouth], edited.own[~mouth], atol=1e-6)


def test_layers_lie_one_on_the_other(model: PublishedModel) -> None:
    edited = edit_face(model, crop(), [EditLayer("neutral"), EditLayer({"smile": 0.5}), EditLayer({"smile": 0.25})])
    np.testing.assert_allclose(edited.wanted[UNIT_INDEX["mouthSmileLeft"]], 0.7 + 0.75, atol=1e-6)
    np.testing.assert_allclose(edited.wanted[UNIT_INDEX["jawOpen"]], 0.7, atol=1e-6)


def test_one_more_layer_gives_what_all_of_them_give(model: PublishedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    layers = [EditLayer("neutral"), EditLayer(crop(1), 0.5), EditLayer({"smile": 0.25})]
    whole, before = edit_face(model, crop(), layers), edit_face(model, crop(), layers[:2])
    monkeypatch.setattr(model, "driver_code", None)  # nothing of the layers below is read again
    again = edit_further(model, crop(), before, layers[2])
    np.testing.assert_allclose(again.wanted, whole.wanted, atol=1e-6)
    np.testing.assert_array_equal(again.pixels, whole.pixels)


def test_a_known_code_is_taken(model: PublishedModel) -> None:
    known = edit_face(model, crop(), [EditLayer("happy", code=np.full((1, len(UNITS)), 0.25, np.float32))])
    np.testing.assert_allclose(known.wanted, 0.25, atol=1e-6)


def test_sliders_are_orthogonal_and_regions_share_no_unit() -> None:
    directions = np.stack([slider_direction(name) for name in SLIDERS])
    products = directions @ directions.T
    assert (products == np.diag(np.diag(products))).all()
    assert (region_units("eyes") != region_units("mouth")).all()
    assert region_units("face").sum() == len(UNITS)


def test_a_photo_keeps_every_pixel_outside_the_face(model: PublishedModel) -> None:
    source = crop(face=True)
    edited = photo_with(model, source, edit_face(model, source, [EditLayer("surprise")]))
    changed = (edited != source.photo).any(axis=2)
    assert changed[35:85, 35:85].any()
    changed[28:92, 28:92] = False
    assert not changed.any()
    np.testing.assert_array_equal(photo_with(model, source, edit_face(model, source, [])), source.photo)


def test_what_cannot_be_done_is_said(model: PublishedModel, recognizer: PublishedModel) -> None:
    alone = edit_face(model, crop(), [EditLayer("happy")])
    np.testing.assert_array_equal(photo_with(model, crop(), alone), alone.pixels)
    with pytest.raises(CheckpointError, match="BrightestColumn"):
        edit_face(recognizer, crop(), [])
    for wrong in ({"target": "joyful"}, {"target": "happy", "intensity": 2.0}, {"target": {"grin": 1.0}}):
        with pytest.raises(SettingsError):
            EditLayer(**wrong)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="smile"):
        EditLayer({"smile": 3.0})
