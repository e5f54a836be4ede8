"""A hidden mouth is left as it is, in a crop, in a strip and in the photo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fer_demo.data.loading import load_bundled
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE, five_points
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.faces.quality import MOUTH_HIDDEN
from fer_demo.images import to_colour
from fer_demo.inference.transfer.editing import EditLayer, edit_face
from fer_demo.inference.transfer.painters import painter_of, wholly
from fer_demo.published.model import PublishedModel
from tests.editors import tiny_landmark_editor

SIDE = 96


@pytest.fixture(scope="module")
def model() -> PublishedModel:
    built = tiny_landmark_editor(32)
    built.expression_prototypes.copy_((torch.arange(len(BASIC))[:, None] + 1) / 10)
    return built


@pytest.fixture(scope="module")
def shown() -> FaceCrop:
    record = load_bundled()[0]
    assert record.landmarks is not None
    photo, points = to_colour(record.image), five_points(record.landmarks)
    return FaceCrop(photo, DetectedFace((*points.min(axis=0), *points.max(axis=0)), points, 1.0))


@pytest.fixture(scope="module")
def hidden(shown: FaceCrop) -> FaceCrop:
    return replace(shown, notes=(MOUTH_HIDDEN,))


def changed(before: np.ndarray, after: np.ndarray) -> tuple[bool, bool]:
    """Whether pixels above the nose and around the mouth differ."""
    differs = (before != after).any(axis=-1)
    eyes, mouth = (round(y * before.shape[0]) for y in (TEMPLATE[0][1], TEMPLATE[3][1]))
    return bool(differs[: eyes + 3].any()), bool(differs[mouth - 10 :].any())


def test_an_edit_stops_above_a_hidden_mouth(model: PublishedModel, shown: FaceCrop, hidden: FaceCrop) -> None:
    for crop, mouth_moves in ((shown, True), (hidden, False)):
        edited = edit_face(model, crop, [EditLayer("happy")], size=SIDE)
        assert changed(edited.before, edited.pixels) == (True, mouth_moves)
        assert mouth_moves or not edited.painted.any()
        brows, lips = (np.ptp(edited.landmarks[:, points], axis=0).any() for points in (slice(17, 27), slice(48, 68)))
        assert (brows, lips) == (True, mouth_moves)


def test_in_a_strip_and_in_the_photo_as_well(model: PublishedModel, shown: FaceCrop, hidden: FaceCrop) -> None:
    painter = painter_of(model)
    codes = painter.prototypes()[[1, 4]]
    for frame in painter.paint([hidden], wholly(codes)):
        assert changed(hidden.pixels(frame.shape[0]), frame) == (True, False)
    both = painter.paint([shown, hidden], wholly(codes))
    assert [changed(shown.pixels(len(frame)), frame)[1] for frame in both] == [True, False]
    photo = painter.paint_in_photo(hidden, wholly(codes[:1]))[1]
    assert hidden.face is not None
    mouth = round(hidden.face.points[3:, 1].mean())
    np.testing.assert_array_equal(photo[mouth:], hidden.photo[mouth:])
    assert (photo != hidden.photo).any()
