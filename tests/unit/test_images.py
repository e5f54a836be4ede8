"""Any picture becomes upright 8-bit RGB or one sentence; conversions keep values, order and colour."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from fer_demo.errors import ImageError
from fer_demo.images import (
    encode_gif,
    load_photo,
    load_stored,
    resize,
    save_png,
    to_colour,
    to_grey,
    to_tensor,
    to_uint8,
    with_chroma_of,
)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def left_red_right_blue(width: int = 40, height: int = 20) -> Image.Image:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = pixels[:, width // 2 :, 2] = 255
    return Image.fromarray(pixels)


def test_a_photo_is_the_same_from_path_bytes_picture_and_array(tmp_path: Path) -> None:
    pixels = noise(20, 30, 3)
    path = tmp_path / "photo.png"
    save_png(pixels, path)
    for source in (path, str(path), path.read_bytes(), Image.fromarray(pixels), pixels):
        assert np.array_equal(load_photo(source), pixels)


def test_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn clockwise to show
    photo = load_photo(encoded(left_red_right_blue(), "PNG", exif=exif))
    assert photo.shape == (40, 20, 3)
    assert tuple(photo[5, 10]) == (255, 0, 0)
    assert tuple(photo[35, 10]) == (0, 0, 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_shows_its_first_frame(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    photo = load_photo(encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options))
    assert tuple(photo[10, 10]) == (255, 0, 0)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_to_eight(kind: str) -> None:
    ramp = np.linspace(0, 65535, 32 * 32).reshape(32, 32).astype(np.uint16)
    photo = load_photo(encoded(Image.fromarray(ramp), kind))
    assert photo.min() == 0
    assert photo.max() == 255
    assert abs(int(photo[16, 0, 0]) - 128) <= 1


def test_floats_and_wide_integers_are_scaled_to_eight_bits() -> None:
    ramp = np.linspace(0, 1, 32 * 32, dtype=np.float32).reshape(32, 32)
    assert load_photo(encoded(Image.fromarray(ramp), "TIFF")).max() == 255
    wide = (ramp * 65535).astype(np.int32)
    assert abs(int(load_photo(encoded(Image.fromarray(wide), "TIFF"))[16, 0, 0]) - 128) <= 1
    narrow = (ramp * 255).astype(np.int32)
    assert abs(int(load_photo(encoded(Image.fromarray(narrow), "TIFF"))[16, 0, 0]) - 128) <= 1
    assert load_photo((ramp * 65535).astype(np.uint16)).max() == 255


def test_cmyk_keeps_its_colours() -> None:
    photo = load_photo(encoded(left_red_right_blue().convert("CMYK"), "JPEG", quality=95))
    assert np.abs(photo[10, 5].astype(int) - (255, 0, 0)).max() < 12
    assert np.abs(photo[10, 35].astype(int) - (0, 0, 255)).max() < 12


def test_transparency_is_laid_on_white() -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[:, 10:, 3] = 255
    assert tuple(load_photo(encoded(Image.fromarray(pixels), "PNG"))[5, 5]) == (255, 255, 255)
    assert tuple(load_photo(pixels)[5, 15]) == (0, 0, 0)
    palette = left_red_right_blue().quantize(4)
    see_through = palette.getpixel((35, 10))
    photo = load_photo(encoded(palette, "PNG", transparency=see_through))
    assert tuple(photo[10, 35]) == (255, 255, 255)
    assert tuple(photo[10, 5]) == (255, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "YCbCr"])
def test_every_usual_mode_becomes_rgb(mode: str) -> None:
    assert load_photo(left_red_right_blue().convert(mode)).shape == (20, 40, 3)


def jpeg(side: int = 64) -> bytes:
    return encoded(Image.fromarray(noise(side, side, 3)), "JPEG")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"This is a letter, not a picture.\n" * 40, "not a picture"),
        (jpeg()[:600], "damaged"),
        (encoded(Image.fromarray(noise(64, 64, 3)), "PNG")[:-2000], "damaged"),
        (encoded(Image.fromarray(noise(64, 64, 3)), "WEBP")[:500], "damaged|not a picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "damaged|not a picture"),
        (encoded(Image.new("RGB", (1, 1)), "PNG"), "1 x 1 pixels"),
        (encoded(Image.new("1", (8000, 5001)), "PNG"), "40 megapixels|more than 40|40 is the most"),
        (encoded(Image.new("1", (20000, 20000)), "PNG"), "40 megapixels|40 is the most"),
    ],
    ids=["zero-byte", "text", "cut jpeg", "cut png", "cut webp", "bare header", "1x1", "40 MP", "bomb"],
)
def test_bad_files_are_refused_with_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "portrait.jpg"
    path.write_bytes(content)
    for source in (path, content):
        with pytest.raises(ImageError, match=said) as caught:
            load_photo(source)
        sentence = str(caught.value)
        assert sentence.endswith(".")
        assert "\n" not in sentence
    with pytest.raises(ImageError, match=r"portrait\.jpg"):
        load_photo(path)


def scanned_again(content: bytes, times: int) -> bytes:
    """A progressive JPEG whose last scan is there so many times more."""
    last = content.rindex(b"\xff\xda")
    return content[:-2] + content[last:-2] * times + content[-2:]


def test_a_jpeg_of_a_thousand_scans_is_refused_and_ordinary_ones_are_not() -> None:
    picture = Image.fromarray(noise(64, 64, 3))
    progressive = encoded(picture, "JPEG", progressive=True)
    assert progressive.count(b"\xff\xda") == 10
    with pytest.raises(ImageError, match=r"is a JPEG of 1,010 scans, which takes too long to read; save it again"):
        load_photo(scanned_again(progressive, 1000))
    hidden = progressive[:2] + b"\xff\xe5\x00\x04\xff\xd9" + progressive[2:]  # an end that is none, within a note
    with pytest.raises(ImageError, match="1,010 scans"):
        load_photo(scanned_again(hidden, 1000))
    for ordinary in (progressive, progressive + b"\xff\xda\0\2" * 1000):  # phones put a film behind a photo
        assert load_photo(ordinary).shape == (64, 64, 3)


def run_lengths(side: int) -> bytes:
    """A BMP of one level, packed by runs."""
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, 0, 1, 1, 256, 0)
    rows = (b"\xff\x01" * (side // 255) + bytes([side % 255, 1, 0, 0])) * side + b"\0\1"
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 1078) + header + bytes(1024) + rows


@pytest.mark.parametrize("make", [run_lengths, lambda side: encoded(Image.new("L", (side, side)), "JPEG2000")])
def test_kinds_that_are_decoded_slowly_have_fewer_pixels(make: Callable[[int], bytes]) -> None:
    assert load_photo(make(300)).shape == (300, 300, 3)
    with pytest.raises(ImageError, match=r"has 9 megapixels, and 2 is the most we take of this kind .* or a JPEG"):
        load_photo(make(3000))


def test_missing_files_folders_and_odd_arrays_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no file"):
        load_photo(tmp_path / "nowhere.png")
    with pytest.raises(ImageError, match="cannot be opened"):
        load_photo(tmp_path)
    with pytest.raises(ImageError, match="uint8"):
        load_photo(np.zeros((20, 20, 3)))
    with pytest.raises(ImageError, match="shape"):
        load_photo(np.zeros((5, 20, 20, 3), np.uint8))
    with pytest.raises(ImageError, match="0 x 0"):
        load_photo(np.zeros((0, 0, 3), np.uint8))


def test_stored_pictures_keep_grey_as_grey(tmp_path: Path) -> None:
    grey, colour = noise(48, 48), noise(48, 48, 3)
    assert np.array_equal(load_stored(encoded(Image.fromarray(grey), "PNG")), grey)
    assert np.array_equal(load_stored(encoded(Image.fromarray(colour), "PNG")), colour)
    save_png(grey, tmp_path / "grey.png")
    assert np.array_equal(load_stored(tmp_path / "grey.png"), grey)


def test_grey_is_the_standard_luma_and_passes_grey_through() -> None:
    colour = noise(2, 10, 12, 3)
    expected = np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in colour])
    assert np.array_equal(to_grey(colour), expected)
    assert np.array_equal(to_grey(colour[0]), expected[0])
    assert to_grey(expected) is expected
    assert np.array_equal(to_grey(to_colour(expected)), expected)


def test_resizing_averages_instead_of_skipping_pixels() -> None:
    checks = np.tile(np.array([[0, 255], [255, 0]], np.uint8), (100, 100))
    assert np.abs(resize(checks, 20).astype(int) - 127).max() <= 2
    assert resize(noise(30, 40, 3), (10, 20)).shape == (10, 20, 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_tensors_span_minus_one_to_one_and_come_back_unchanged(channels: int) -> None:
    images = noise(4, 9, 7) if channels == 1 else noise(4, 9, 7, 3)
    images[0, 0, :2] = np.array([0, 255]).reshape(2, *[1] * (images.ndim - 3))
    batch = to_tensor(images, channels)
    assert batch.shape == (4, channels, 9, 7)
    assert batch.dtype == torch.float32
    assert (batch.min().item(), batch.max().item()) == (-1.0, 1.0)
    assert np.array_equal(to_uint8(batch), images)


def test_tensors_change_the_number_of_channels_and_clip() -> None:
    grey, colour = noise(2, 8, 8), noise(2, 8, 8, 3)
    assert torch.equal(to_tensor(grey, 3)[:, 0], to_tensor(grey, 1)[:, 0])
    assert np.array_equal(to_uint8(to_tensor(colour, 1)), to_grey(colour))
    assert to_uint8(torch.tensor([-3.0, 3.0]).reshape(1, 1, 1, 2)).tolist() == [[[0, 255]]]


def test_new_luma_keeps_the_photos_own_chroma() -> None:
    colour = np.full((16, 16, 3), (150, 110, 90), np.uint8)
    same = with_chroma_of(to_grey(colour), colour)
    assert np.abs(same.astype(int) - colour).max() <= 2
    brighter = with_chroma_of(to_grey(colour) + 40, colour)
    assert np.abs(brighter.astype(int) - (190, 150, 130)).max() <= 2


def test_a_gif_has_all_frames_and_repeats(tmp_path: Path) -> None:
    path = tmp_path / "strip.gif"
    encode_gif(np.stack([np.full((20, 20), value, np.uint8) for value in (0, 120, 240)]), path, seconds_per_frame=0.2)
    with Image.open(path) as animation:
        assert animation.n_frames == 3
        assert animation.info["duration"] == 200
        assert animation.info["loop"] == 0
    with pytest.raises(ImageError, match="frame"):
        encode_gif([], path)
