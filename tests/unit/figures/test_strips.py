"""Strips and animations of frames."""

from __future__ import annotations

import numpy as np

from fer_demo.expressions import BASIC
from fer_demo.figures.strips import CELL, looped, marked, strip_chart, strip_picture


def test_a_strip_shows_every_frame_in_order():
    frames = np.stack([np.full((16, 16, 3), shade, dtype=np.uint8) for shade in (10, 120, 240)])
    picture = strip_picture(frames, np.array([0, 0.5, 1]))
    assert picture.dtype == np.uint8
    height, width, _ = picture.shape
    assert height > CELL
    assert width > 3 * CELL
    assert [int(picture[CELL // 2, round(width * (place + 0.5) / 3), 0]) for place in range(3)] == [10, 120, 240]


def test_every_frame_has_a_caption():
    frames = np.full((2, 16, 16, 3), 255, dtype=np.uint8)
    captions = strip_picture(frames, np.array([0, 1]))[CELL + 6 :]
    half = captions.shape[1] // 2
    assert (captions[:, :half] < 128).any()
    assert (captions[:, half:] < 128).any()


def test_an_animation_goes_there_and_back():
    frames = np.arange(4)[:, None]
    assert looped(frames)[:, 0].tolist() == [0, 1, 2, 3, 2, 1]
    assert looped(frames[:1])[:, 0].tolist() == [0]


def test_frames_outside_the_band_are_marked_and_the_others_are_not():
    frames = np.full((2, 16, 16, 3), 255, dtype=np.uint8)
    plain, marked = (strip_picture(frames, np.array([0, 1]), outside) for outside in (None, np.array([False, True])))
    assert marked.shape[0] > plain.shape[0]
    red = (marked[..., 0] > 150) & (marked[..., 1] < 60)
    half = marked.shape[1] // 2
    assert not red[:, :half].any()
    assert red[:, half:].any()
    assert np.array_equal(strip_picture(frames, np.array([0, 1]), np.zeros(2, bool)), plain)


def test_a_course_has_a_line_per_expression_and_one_for_the_person():
    figure = strip_chart(np.array([0, 1]), np.eye(7)[[0, 3]], [("distance", np.array([0, 0.5]))], 0.6)
    assert [line.name for line in figure.data] == [*BASIC, "distance"]
    assert list(figure.data[3].y) == [0, 1]
    assert list(figure.data[7].y) == [0, 0.5]
    assert [shape.y0 for shape in figure.layout.shapes] == [0.6]


def test_a_course_without_a_measured_person_shows_the_expressions_alone():
    figure = strip_chart(np.array([0, 1]), np.eye(7)[[0, 3]])
    assert [line.name for line in figure.data] == list(BASIC)
    assert figure.layout.yaxis.title.text == "probability"


def test_a_visible_mark_is_small_and_in_the_corner():
    frames = np.full((2, 128, 128, 3), 90, dtype=np.uint8)
    changed = (marked(frames) != frames).any(axis=3)
    assert changed.any()
    assert not changed[:, :100].any()
    assert not changed[:, :, 90:].any()
