"""An uploaded photo is read once and its file is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradio.data_classes import ImageData

from fer_demo.interface.widgets.photo_input import PhotoInput


@pytest.fixture
def field(tmp_path: Path) -> PhotoInput:
    field = PhotoInput()
    field.GRADIO_CACHE = str(tmp_path / "uploads")
    (tmp_path / "uploads").mkdir()
    return field


def test_the_bytes_arrive_as_they_were_and_the_file_is_deleted(field: PhotoInput, tmp_path: Path) -> None:
    file = tmp_path / "uploads" / "letter.jpg"
    file.write_bytes(b"no picture at all")
    assert field.preprocess(ImageData(path=str(file))) == b"no picture at all"
    assert not file.exists()


def test_a_file_outside_the_uploads_is_neither_read_nor_deleted(field: PhotoInput, tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_bytes(b"secret")
    assert field.preprocess(ImageData(path=str(tmp_path / "uploads" / ".." / "secret.txt"))) is None
    assert file.exists()


def test_an_empty_field_gives_nothing(field: PhotoInput) -> None:
    assert field.preprocess(None) is None
