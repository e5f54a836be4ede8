"""Transfer, on a model whose identity is the upper half of the picture and whose expression is the lower."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.errors import CheckpointError, DataError, NoFaceError, SettingsError
from fer_demo.expressions import BASIC
from fer_demo.faces.alignment import TEMPLATE
from fer_demo.faces.crops import FaceCrop
from fer_demo.faces.detection import DetectedFace
from fer_demo.inference.transfer.into_photo import in_colour
from fer_demo.inference.transfer.painters import SCALED_BELOW, painter_of
from fer_demo.inference.transfer.transfer import (
    direction_to,
    edited,
    edited_photo,
    edited_twice,
    targets_along,
    transfer,
    transfer_named,
)
from tests.editors import tiny_landmark_editor


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
    edited = edited_photo(editor, direction_to(editor, person, halves(0, 250)))
    assert edited.shape == person.photo.shape
    assert (edited[:5] == 100).all()  # above the face
    assert (edited[:, :15] == 100).all()  # beside it
    assert abs(int(edited[20, 40, 0]) - 100) <= 3  # upper half of the face: the person
    assert edited[42, 40, 0] > 200  # lower half: the driver
    assert (person.photo == 100).all()


def test_a_named_expression_goes_back_too(editor):
    assert edited_photo(editor, direction_to(editor, photo_with_face(), "neutral"))[42, 40, 0] > 200


def test_without_a_face_there_is_no_place_to_put_it_back(editor, halves):
    with pytest.raises(NoFaceError, match="put back"):
        edited_photo(editor, direction_to(editor, halves(0, 0), "happy"))


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
    assert np.abs(faces[0].astype(int) - person.pixels(256)).max() >= 3


def test_at_alpha_0_a_photo_editor_leaves_the_photo_as_it_is(photo_editor):
    person = gradient()
    (face,) = transfer_named(photo_editor, [person], "happy", alpha=0.0)
    assert np.array_equal(face, person.pixels(256))


def test_a_photo_editor_changes_only_the_face_in_its_photo(photo_editor):
    person = photo_with_face()
    person.photo[15:45, 25:55] = np.random.default_rng(0).integers(0, 256, (30, 30, 3))
    edited = edited_photo(photo_editor, direction_to(photo_editor, person, "happy"))
    assert edited.shape == person.photo.shape
    assert np.array_equal(edited[:5], person.photo[:5])
    assert np.array_equal(edited[:, :15], person.photo[:, :15])
    assert not np.array_equal(edited, person.photo)
    assert np.array_equal(edited_photo(photo_editor, direction_to(photo_editor, person, "happy"), 0.0), person.photo)


def test_the_face_and_its_photo_are_of_one_edit(photo_editor, monkeypatch):
    direction = direction_to(photo_editor, photo_with_face(), "happy")
    face, photo = edited(photo_editor, direction, 0.7), edited_photo(photo_editor, direction, 0.7)
    edits = []
    network = photo_editor.edit
    monkeypatch.setattr(photo_editor, "edit", lambda *asked: edits.append(asked) or network(*asked))
    both = edited_twice(photo_editor, direction, 0.7)
    assert len(edits) == 1
    np.testing.assert_array_equal(both[0], face)
    np.testing.assert_array_equal(both[1], photo)


def test_more_people_than_fit_in_memory_together_are_edited(photo_editor, halves):
    faces = transfer_named(photo_editor, [halves(10, 200)] * 18, "sad")
    assert faces.shape == (18, 256, 256, 3)
    assert np.abs(faces.astype(int) - faces[0]).max() <= 1


def test_small_amounts_of_a_photo_editor_are_shares_of_one_and_the_same_edit(photo_editor):
    direction = direction_to(photo_editor, photo_with_face(), "happy")
    asked = targets_along(photo_editor, direction, [-0.15, 0.0, 0.1, SCALED_BELOW, 0.6])
    np.testing.assert_allclose(asked.shares, [0.5, 0, 1 / 3, 1, 1], rtol=1e-6)
    share = ((asked.codes.numpy() - direction.own) / (direction.wanted - direction.own)).mean(axis=1)
    np.testing.assert_allclose(share, [-0.3, 0.3, 0.3, 0.3, 0.6], rtol=1e-3)
    as_before = targets_along(photo_editor, direction, [0.0, 0.1], scaled_below=0.0)
    assert as_before.shares.tolist() == [1, 1]


def test_a_strip_moves_one_way_from_its_first_frame_on(photo_editor):
    person = photo_with_face()
    person.photo[..., 0] = np.arange(80) * 3  # so that every moved pixel shows
    direction = direction_to(photo_editor, person, "happy")
    painter = painter_of(photo_editor)
    amounts = [0.0, 0.1, 0.2, 0.3]
    first, *others = (
        frame.astype(float)
        for frame in painter.paint([direction.person], targets_along(photo_editor, direction, amounts))
    )
    begin, *later = (other - first for other in others)
    for change in later:  # the same direction, farther each time
        assert (begin * change).sum() / np.linalg.norm(begin) / np.linalg.norm(change) > 0.7
    lengths = [np.linalg.norm(change) for change in (begin, *later)]
    assert lengths == sorted(lengths)


def test_a_painter_of_codes_has_no_shares(editor, halves):
    asked = targets_along(editor, direction_to(editor, halves(10, 100), halves(0, 140)), [0.1])
    assert asked.shares.tolist() == [1]


def test_what_is_said_of_a_driver_reaches_an_editor_that_recognizes(halves, monkeypatch):
    told = []
    model = tiny_landmark_editor()
    own = model.driver_code
    monkeypatch.setattr(model, "driver_code", lambda *given: told.append(given[2]) or own(*given))
    person, driver = halves(10, 200), halves(90, 30)
    free, sad, angry = (direction_to(model, person, driver, said).wanted for said in (None, "sad", "angry"))
    assert told == [None, BASIC.index("sad"), BASIC.index("angry")]
    assert not np.allclose(sad, angry)
    assert free.shape == sad.shape


def test_frames_with_one_and_the_same_edit_share_it(halves, monkeypatch):
    editor, asked = tiny_landmark_editor(), []
    way, edit = direction_to(editor, halves(40, 200), "happy"), editor.edit
    monkeypatch.setattr(editor, "edit", lambda *given: asked.append(len(given[1])) or edit(*given))
    amounts = np.linspace(0, 1, 11, dtype=np.float32)
    strip = painter_of(editor).paint([halves(40, 200)], targets_along(editor, way, amounts))
    assert asked == [8]  # 0, 0.1, 0.2 and 0.3 are shares of one
    for amount in (1, 3, 10):
        alone = painter_of(editor).paint([halves(40, 200)], targets_along(editor, way, amounts[[amount]]))[0]
        np.testing.assert_allclose(strip[amount].astype(int), alone, atol=1)
