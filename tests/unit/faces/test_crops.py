"""A crop is the aligned face, or the middle of the whole picture where no face is known."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.errors import NoFaceError
from fer_demo.faces.alignment import TEMPLATE, align
from fer_demo.faces.crops import KEPT_PIXELS, FaceCrop, crop_faces, crop_or_whole, in_kept_size
from fer_demo.faces.detection import MOST_FACES, DetectedFace
from fer_demo.faces.quality import MANY_FACES


class Finds:
    """A detector that always finds the same faces."""

    def __init__(self, *faces: DetectedFace) -> None:
        self.faces = faces

    def detect(self, photo: np.ndarray) -> tuple[DetectedFace, ...]:
        assert photo.ndim == 3
        return self.faces


def photo(height: int = 120, width: int = 160) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def face(side: float, shift: float) -> DetectedFace:
    return DetectedFace((shift, shift, shift + side, shift + side), TEMPLATE * side + shift, 0.99)


def test_every_face_gives_a_crop_in_the_detectors_order() -> None:
    large, small = face(80, 10), face(40, 100)
    crops = crop_faces(photo(), Finds(large, small))
    assert [crop.face for crop in crops] == [large, small]
    assert np.array_equal(crops[0].pixels(64), align(photo(), large.points, 64))


def test_a_crowd_says_that_smaller_faces_may_be_missing() -> None:
    crowd = [face(60, 10 + step / 10) for step in range(MOST_FACES)]
    assert all(MANY_FACES in crop.notes for crop in crop_faces(photo(), Finds(*crowd)))
    assert not any(MANY_FACES in crop.notes for crop in crop_faces(photo(), Finds(*crowd[1:])))


def test_no_face_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(NoFaceError, match=r"No face was found.*try one"):
        crop_faces(photo(), Finds())


def test_a_large_photo_is_kept_small_with_its_faces_where_they_were() -> None:
    gradient = np.linspace(0, 255, 3000).astype(np.uint8)
    large = np.stack(np.broadcast_arrays(gradient[:, None], gradient[None, :], np.uint8(90)), axis=-1)
    crops = crop_faces(large, Finds(face(1200, 900), face(300, 200)))
    kept = in_kept_size(crops)
    assert kept[0].photo.shape[:2] == (2000, 2000)
    assert all(crop.photo is kept[0].photo for crop in kept)
    assert KEPT_PIXELS == 2000 * 2000
    for before, after in zip(crops, kept, strict=True):
        difference = before.pixels(128).astype(int) - after.pixels(128)
        assert np.abs(difference).max() <= 1
        assert np.allclose(np.array(after.face.box) * 1.5, before.face.box)
        assert after.notes == before.notes
    assert in_kept_size(kept) == kept


def test_grey_pictures_become_colour_crops() -> None:
    crop = crop_or_whole(np.full((48, 48), 90, np.uint8), Finds())
    assert crop.pixels(64).shape == (64, 64, 3)


def test_a_picture_without_a_face_is_used_whole_and_says_so() -> None:
    picture = photo(100, 160)
    crop = crop_or_whole(picture, Finds())
    assert crop.face is None
    assert crop.notes == ("No face was found, so the whole picture was used.",)
    assert np.array_equal(crop.pixels(100), picture[:, 30:130])


def test_the_largest_face_stands_for_a_picture() -> None:
    large, small = face(80, 10), face(40, 100)
    assert crop_or_whole(photo(), Finds(large, small)).face is large


def test_crops_are_values_without_notes_by_default() -> None:
    assert FaceCrop(photo(), None).notes == ()
