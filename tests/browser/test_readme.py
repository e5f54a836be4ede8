"""A programmer copies the README's lines for the running app."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from fer_demo.data.loading import load_bundled
from fer_demo.images import resize
from tests.contract.test_documents import README, python_lines


def test_the_readmes_lines_for_a_client_work_as_printed(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faces = load_bundled()
    face = faces[faces.column("expression").index("happy")].image
    Image.fromarray(resize(face, 300)).save(tmp_path / "photo.jpg", quality=95)
    monkeypatch.chdir(tmp_path)
    printed_address = "http://127.0.0.1:7860"
    lines = python_lines(README)[1]
    assert printed_address in lines
    exec(compile(lines.replace(printed_address, address), "README.md", "exec"), {})
    *_, answer, edited = capsys.readouterr().out.strip().splitlines()
    assert "'expression': 'happy'" in answer
    with Image.open(edited) as picture:
        assert picture.size == (300, 300)
