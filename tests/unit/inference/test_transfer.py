"""Transfer, on a model whose identity is the upper half of the picture and whose expression is the lower."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.errors import CheckpointError, DataError, NoFaceError, SettingsError
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.painters import in_colour
from fer_demo.inference.transfer import transfer, transfer_named, transfer_to_photo


def test_row_i_joins_person_i_with_expression_i(editor, halves):
    faces = transfer(editor, [halves(10, 20), halves(30, 40)], [halves(50, 60), halves(70, 80)])
    assert faces.shape == (2, 8, 8)
    assert faces.dtype == np.uint8
    assert [(face[0, 0], face[-1, 0]) for face in faces] == [(10, 60), (30, 80)]


@pytest.mark.parametrize(("alpha", "shade"), [(0.0, 100), (0.5, 120), (1.0, 140), (1.5, 160), (-0.5, 80)])
def test_alpha_moves_the_expression_and_leaves_the_person(editor, halves, alpha, shade):
    (face,) = transfer(editor, [halves(10, 100)], [halves(0, 140)], alpha)
    assert face[0, 0] == 10
    assert face[-1, 0] == shade


@pytest.mark.parametrize("alpha", [-0.6, 1.6, float("nan")])
def test_alpha_out_of_range_is_refused(editor, halves, alpha):
    with pytest.raises(SettingsError, match="Alpha must lie between"):
        transfer(editor, [halves(0, 0)], [halves(0, 0)], alpha)


def test_lists_of_different_length_are_refused(editor, halves):
    with pytest.raises(DataError, match="2 identity faces and 1"):
        transfer(editor, [halves(0, 0)] * 2, [halves(0, 0)])


def test_a_named_expression_serves_more_people_than_one_batch(editor, halves):
    faces = transfer_named(editor, [halves(10, 0)] * 65, "neutral")
    assert faces.shape == (65, 8, 8)
    assert (faces[:, :4] == 10).all()
    assert (faces[:, 4:] == 255).all()  # neutral is the last prototype: white


def test_a_colour_model_paints_in_colour(colour_editor, halves):
    assert transfer(colour_editor, [halves(1, 2)], [halves(3, 4)]).shape == (1, 8, 8, 3)


def test_a_model_without_decoder_is_refused(recognizer, halves):
    with pytest.raises(CheckpointError, match="cannot edit faces"):
        transfer(recognizer, [halves(0, 0)], [halves(0, 0)])


def test_colour_is_the_photos_own(halves):
    red = FaceCrop(photo=np.full((8, 8, 3), (200, 60, 60), dtype=np.uint8), face=None, notes=())
    coloured = in_colour(np.full((8, 8), 120, dtype=np.uint8), red)
    assert coloured.shape == (8, 8, 3)
    assert coloured[0, 0, 0] > coloured[0, 0, 1] + 50
    grey = in_colour(np.full((8, 8), 120, dtype=np.uint8), halves(90, 90))
    assert np.ptp(grey.astype(int)) <= 2


def photo_with_face() -> FaceCrop:
    photo = np.full((60, 80, 3), 100, dtype=np.uint8)
    points = TEMPLATE * 40 + (20, 10)  # the template square is 40 pixels wide and begins at (20, 10)
    return FaceCrop(photo=photo, face=DetectedFace((22.0, 14.0, 58.0, 48.0), points, 0.9), notes=())


def test_an_edited_face_goes_back_where_it_came_from(editor, halves):
    person = photo_with_face()
    edited = transfer_to_photo(editor, person, halves(0, 250))
    assert edited.shape == person.photo.shape
    assert (edited[:5] == 100).all()  # above the face
    assert (edited[:, :15] == 100).all()  # beside it
    assert abs(int(edited[20, 40, 0]) - 100) <= 3  # upper half of the face: the person
    assert edited[42, 40, 0] > 200  # lower half: the driver
    assert (person.photo == 100).all()


def test_a_named_expression_goes_back_too(editor):
    assert transfer_to_photo(editor, photo_with_face(), "neutral")[42, 40, 0] > 200


def test_without_a_face_there_is_no_place_to_put_it_back(editor, halves):
    with pytest.raises(NoFaceError, match="put back"):
        transfer_to_photo(editor, halves(0, 0), "happy")


def gradient() -> FaceCrop:
    """A colourful picture, so that every moved pixel shows."""
    across, down = np.meshgrid(np.arange(64) * 4, np.arange(64) * 4)
    return FaceCrop(np.stack([across, down, 255 - across], axis=-1).astype(np.uint8), None)


def test_a_photo_editor_answers_in_colour_and_finer_than_it_looks(photo_editor, halves):
    person = gradient()
    faces = transfer(photo_editor, [person, halves(10, 200)], [halves(50, 60), halves(70, 80)])
    assert faces.shape == (2, 256, 256, 3)
    assert faces.dtype == np.uint8
    (alone,) = transfer(photo_editor, [person], [halves(50, 60)])
    assert np.abs(faces[0].astype(int) - alone).max() <= 1  # a row does not depend on its neighbours
    assert np.abs(faces[0].astype(int) - person.pixels(256)).max() > 20


def test_at_alpha_0_a_photo_editor_leaves_the_photo_as_it_is(photo_editor):
    person = gradient()
    (face,) = transfer_named(photo_editor, [person], "happy", alpha=0.0)
    assert np.array_equal(face, person.pixels(256))


def test_a_photo_editor_changes_only_the_face_in_its_photo(photo_editor):
    person = photo_with_face()
    person.photo[15:45, 25:55] = np.random.default_rng(0).integers(0, 256, (30, 30, 3))
    edited = transfer_to_photo(photo_editor, person, "happy")
    assert edited.shape == person.photo.shape
    assert np.array_equal(edited[:5], person.photo[:5])
    assert np.array_equal(edited[:, :15], person.photo[:, :15])
    assert not np.array_equal(edited, person.photo)
    assert np.array_equal(transfer_to_photo(photo_editor, person, "happy", 0.0), person.photo)


def test_more_people_than_fit_in_memory_together_are_edited(photo_editor, halves):
    faces = transfer_named(photo_editor, [halves(10, 200)] * 18, "sad")
    assert faces.shape == (18, 256, 256, 3)
    assert np.abs(faces.astype(int) - faces[0]).max() <= 1
