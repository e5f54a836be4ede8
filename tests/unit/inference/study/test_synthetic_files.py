"""Generated pictures say in their metadata that they are synthetic."""

from __future__ import annotations

import io

import av
import numpy as np
from PIL import Image

from fer_demo.inference.study.synthetic_files import (
    MARK,
    SOURCE_TYPE,
    gif_bytes,
    jpeg_bytes,
    mp4_bytes,
    photo_bytes,
    png_bytes,
)

FRAMES = np.stack([np.full((32, 32, 3), shade, np.uint8) for shade in (10, 120, 240)])


def test_a_png_is_marked_for_people_and_for_readers_of_the_iptc_standard() -> None:
    picture = Image.open(io.BytesIO(png_bytes(FRAMES[1])))
    assert picture.info["Description"] == MARK
    assert SOURCE_TYPE in picture.info["XML:com.adobe.xmp"]
    np.testing.assert_array_equal(np.asarray(picture), FRAMES[1])


def test_a_jpeg_is_marked_likewise() -> None:
    picture = Image.open(io.BytesIO(jpeg_bytes(FRAMES[1])))
    assert picture.info["comment"] == MARK.encode()
    assert SOURCE_TYPE.encode() in picture.info["xmp"]


def test_a_gif_keeps_its_frames_beside_the_mark() -> None:
    content = gif_bytes(FRAMES, side=16)
    assert MARK.encode() in content
    with Image.open(io.BytesIO(content)) as animation:
        assert (animation.n_frames, animation.size) == (3, (16, 16))


def test_a_film_is_marked_and_plays() -> None:
    with av.open(io.BytesIO(mp4_bytes(FRAMES))) as film:
        assert film.metadata["comment"] == MARK
        assert [round(frame.to_ndarray(format="rgb24").mean(), -1) for frame in film.decode(video=0)] == [10, 120, 240]


def test_a_photo_that_was_given_is_not_called_synthetic() -> None:
    assert b"Synthetic" not in photo_bytes(FRAMES[0])
