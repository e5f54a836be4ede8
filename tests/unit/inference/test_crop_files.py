"""Crop arrays on disk."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.errors import DataError
from fer_demo.inference.crop_files import face_crop, read_crops


class NoFaces:
    """A detector that never finds anything."""

    def detect(self, photo: np.ndarray) -> tuple:
        assert photo.ndim == 3
        return ()


@pytest.mark.parametrize("shape", [(2, 48, 48), (1, 20, 30, 3)])
def test_grey_and_colour_crops_of_any_size_are_read(tmp_path, shape):
    np.save(tmp_path / "f.npy", np.ones(shape, dtype=np.uint8))
    assert read_crops(tmp_path / "f.npy").shape == shape


def test_arrays_saved_otherwise_are_the_same_crops(tmp_path):
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (2, 48, 48, 3), dtype=np.uint8)
    colour[0, 0, 0], colour[0, 0, 1] = 0, 255  # the whole range is there
    grey = colour[..., 0]
    clear = np.concatenate([colour, np.full((2, 48, 48, 1), 255, np.uint8)], axis=-1)
    same = {
        "0 to 1": (colour / 255, colour),
        "0 to 255": (colour.astype(np.float32), colour),
        "-1 to 1": (grey / np.float32(127.5) - 1, grey),
        "half precision": ((grey / 255).astype(np.float16), grey),
        "whole numbers": (grey.astype(np.int64), grey),
        "one channel": (grey[..., None], grey),
        "channels first": (np.moveaxis(colour, -1, 1), colour),
        "one channel first": (grey[:, None], grey),
        "transparency": (clear, colour),
        "no transparency, channels first, 0 to 1": (np.moveaxis(clear, -1, 1) / 255, colour),
        "rows of pixels": (grey.reshape(2, -1), grey),
        "one row": (grey[0].ravel(), grey[:1]),
        "one grey crop": (grey[0], grey[:1]),
        "one crop": (colour[0], colour[:1]),
        "yes and no": (grey > 127, np.where(grey > 127, np.uint8(255), np.uint8(0))),
    }
    for name, (saved, meant) in same.items():
        np.save(tmp_path / "f.npy", saved)
        read = read_crops(tmp_path / "f.npy")
        assert read.dtype == np.uint8, name
        assert np.array_equal(read, meant), name


@pytest.mark.parametrize(
    "wrong",
    [
        np.ones((0, 48, 48), dtype=np.uint8),
        np.ones((2, 48, 4), dtype=np.uint8),
        np.ones((5, 48, 3), dtype=np.uint8),  # one crop, three pixels high
        np.ones((2, 48, 48, 2), dtype=np.uint8),
        np.ones((2, 2303), dtype=np.uint8),
        np.ones((2, 2, 48, 48, 3), dtype=np.uint8),
        np.array(7, dtype=np.uint8),
        np.full((2, 48, 48), np.nan),
        np.full((2, 48, 48), -3.0),
        np.full((2, 48, 48), 300, dtype=np.int64),
        np.full((2, 48, 48), "grey"),
    ],
)
def test_arrays_that_may_mean_anything_are_refused_with_their_shape(tmp_path, wrong):
    np.save(tmp_path / "f.npy", wrong)
    with pytest.raises(DataError, match=r"f\.npy .*shape"):
        read_crops(tmp_path / "f.npy")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY\x01\x00v\x00{'descr': '|u1'"])
def test_files_that_are_no_arrays_are_refused(tmp_path, content):
    (tmp_path / "f.npy").write_bytes(content)
    with pytest.raises(DataError, match="not an array of numbers"):
        read_crops(tmp_path / "f.npy")


def test_pickles_are_never_opened(tmp_path):
    np.save(tmp_path / "f.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="not an array of numbers"):
        read_crops(tmp_path / "f.npy")


def test_a_missing_file_and_an_archive_are_named(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        read_crops(tmp_path / "none.npy")
    np.savez(tmp_path / "f.npz", a=np.ones(3))
    with pytest.raises(DataError, match="several arrays"):
        read_crops(tmp_path / "f.npz")


def test_a_crop_without_a_face_is_used_whole():
    crops = np.stack([np.full((48, 48), shade, dtype=np.uint8) for shade in (10, 200)])
    found = [face_crop(crop, NoFaces()) for crop in crops]
    assert [crop.face for crop in found] == [None, None]
    assert (found[1].pixels(48) == 200).all()
