"""Strips and animations of frames."""

from __future__ import annotations

import numpy as np

from fer_demo.figures.strips import CELL, looped, strip_picture


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
