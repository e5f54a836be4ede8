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


@pytest.mark.parametrize(
    "wrong",
    [
        np.ones((48, 48), dtype=np.uint8),
        np.ones((2, 48, 48, 4), dtype=np.uint8),
        np.ones((2, 48, 48), dtype=np.float32),
        np.ones((0, 48, 48), dtype=np.uint8),
        np.ones((2, 48, 4), dtype=np.uint8),
    ],
)
def test_other_arrays_are_refused_with_their_shape(tmp_path, wrong):
    np.save(tmp_path / "f.npy", wrong)
    with pytest.raises(DataError, match=r"f\.npy .*shape"):
        read_crops(tmp_path / "f.npy")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY\x01\x00v\x00{'descr': '|u1'"])
def test_files_that_are_no_arrays_are_refused(tmp_path, content):
    (tmp_path / "f.npy").write_bytes(content)
    with pytest.raises(DataError, match="not a NumPy array"):
        read_crops(tmp_path / "f.npy")


def test_pickles_are_never_opened(tmp_path):
    np.save(tmp_path / "f.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="not a NumPy array"):
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
