"""Markup is escaped, described and numbered."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from fer_demo.faces.detection import DetectedFace
from fer_demo.interface.widgets.markup import (
    Thumbnail,
    data_uri,
    facts,
    message,
    photo_with_faces,
    sentences,
    thumbnails,
)

PHOTO = np.zeros((100, 200, 3), np.uint8)


def face(left: float, right: float) -> DetectedFace:
    return DetectedFace((left, 25.0, right, 75.0), np.zeros((5, 2)), 0.9)


def decoded(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_a_picture_is_shrunk_to_its_longest_side_and_never_grown() -> None:
    assert decoded(data_uri(PHOTO, 50)).size == (50, 25)
    assert decoded(data_uri(PHOTO, 500)).size == (200, 100)


def test_every_face_of_several_is_a_numbered_button_at_its_place() -> None:
    html = photo_with_faces(PHOTO, [face(0, 50), face(100, 150)], 1, "Photo")
    assert html.count('class="face-box" data-pick=') == 2
    assert 'aria-label="Face 2 of 2"' in html
    assert "left:50.00%;top:25.00%;width:25.00%;height:50.00%" in html
    assert re.findall(r'aria-pressed="(\w+)"', html) == ["false", "true"]


def test_numbers_stand_beside_the_faces_and_inside_the_photo() -> None:
    photo = np.zeros((1000, 1000, 3), np.uint8)
    places = [(300, 300, 400, 400), (300, 0, 400, 100), (0, 100, 80, 180), (300, 401, 400, 500)]
    faces = [DetectedFace(place, np.zeros((5, 2)), 0.9) for place in places]
    html = photo_with_faces(photo, faces, 0, "Photo")
    # In the open; at the upper edge; in a corner; below a neighbour.
    assert re.findall(r'<span class="(\w+)">', html) == ["above", "below", "above", "below"]
    crowded = [*faces, DetectedFace((300, 501, 400, 600), np.zeros((5, 2)), 0.9)]
    assert re.findall(r'<span class="(\w+)">', photo_with_faces(photo, crowded, 0, "Photo"))[3] == "before"


def test_a_single_face_is_outlined_and_needs_no_choice() -> None:
    html = photo_with_faces(PHOTO, [face(0, 50)], 0, "Photo")
    assert "data-pick" not in html
    assert "face-box" in html


def test_a_box_that_reaches_beyond_the_photo_ends_at_its_edge() -> None:
    assert "left:0.00%;top:25.00%;width:100.00%" in photo_with_faces(PHOTO, [face(-40, 260)], 0, "Photo")


def test_thumbnails_say_which_one_is_chosen() -> None:
    items = [Thumbnail("data:a", "first"), Thumbnail("data:b", "second", "caption")]
    html = thumbnails(items, 1, "Examples")
    assert re.findall(r'data-pick="(\d)" aria-pressed="(\w+)"', html) == [("0", "false"), ("1", "true")]
    assert "<span>caption</span>" in html


def test_words_from_outside_are_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    for html in (
        message(evil),
        sentences([evil]),
        facts([(evil, evil)]),
        thumbnails([Thumbnail("a", evil, evil)], 0, evil),
    ):
        assert evil not in html
        assert "&lt;img" in html


def test_no_notes_take_no_room() -> None:
    assert sentences([]) == ""
