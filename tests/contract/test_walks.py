"""Whoever follows the walks of CONTRIBUTING meets the files in the order in which the code enters them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from gradio.data_classes import ImageData
from PIL import Image

from fer_demo.inference.study.replay import replay
from fer_demo.interface.context import AppContext
from fer_demo.interface.tabs.recognize.page import _answer
from fer_demo.interface.tabs.transfer.request import DRIVER, EXPRESSION, edit_request, example
from fer_demo.interface.tabs.transfer.strip import STUDY, _file, asked_for
from fer_demo.interface.widgets.face_field import ChosenFace
from fer_demo.interface.widgets.photo_input import PhotoInput
from fer_demo.settings import AppSettings
from tests.architecture.project import ROOT
from tests.walks import entered, walks


@pytest.fixture(scope="module")
def context() -> AppContext:
    return AppContext.create(AppSettings())


def test_every_file_of_a_walk_exists() -> None:
    assert len(walks()) == 8
    for title, files in walks().items():
        assert len(files) > 2, title
        assert [name for name in files if not (ROOT / name).exists()] == [], title


def test_one_photo_through_recognize(context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    walk = walks()["One photo through Recognize"]
    photo, content = PhotoInput(), io.BytesIO()
    Image.fromarray(context.bundled[0].image).resize((300, 300)).save(content, "PNG")
    (tmp_path / "photo.png").write_bytes(content.getvalue())
    with entered() as files:
        sent = photo.preprocess(ImageData(path=str(tmp_path / "photo.png")))
        chosen = ChosenFace.largest(context.crops_of_photo(sent or b""))
        _answer(context, chosen, context.settings.recognizer, "votes", 0.9)
    assert [name for name in files if name in walk] == walk


def test_one_pair_through_transfer(context: AppContext, tmp_path: Path) -> None:
    walk = walks()["One pair through Transfer"]
    source, driver = example(context, 0), example(context, 1)
    with entered() as files:
        request = edit_request(context, source, driver, DRIVER, "happy", EXPRESSION, "landmark_editor")
        shown = asked_for(context, None, request, 1.0)
        _, _, study = _file(context, STUDY, shown.walk, 1.0, False)
        (tmp_path / "study.zip").write_bytes(study)
        assert replay(tmp_path / "study.zip").reproduced
    assert [name for name in files if name in walk] == walk
