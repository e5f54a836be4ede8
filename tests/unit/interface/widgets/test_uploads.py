"""One upload may be asked about by many visitors: all get its bytes, and no file stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio as gr
import pytest

from fer_demo.interface.widgets.uploads import Uploads


def upload(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_an_upload_is_deleted_and_can_be_taken_again(tmp_path: Path) -> None:
    uploads, path = Uploads(), upload(tmp_path, "photo.png", b"a photo")
    assert uploads.take(path) == b"a photo"
    assert not path.exists()
    assert uploads.take(path) == b"a photo"
    upload(tmp_path, "photo.png", b"a photo")  # another visitor sends the same file
    assert uploads.take(path) == b"a photo"
    assert not path.exists()


def test_thirty_visitors_who_sent_the_same_file_all_get_it(tmp_path: Path) -> None:
    uploads, content = Uploads(), b"x" * 200_000

    def visit(_: int) -> bytes:
        written = upload(tmp_path, f"part-{_}", content).rename(tmp_path / "photo.png")  # as Gradio moves an upload
        return uploads.take(written)

    with ThreadPoolExecutor(30) as visitors:
        assert list(visitors.map(visit, range(30))) == [content] * 30
    assert not (tmp_path / "photo.png").exists()


def test_an_upload_is_forgotten_when_nobody_asks_for_it_and_that_is_said(tmp_path: Path) -> None:
    uploads, path = Uploads(seconds=0.02), upload(tmp_path, "photo.png", b"a photo")
    uploads.take(path)
    while (clock := uploads._clock) is not None:  # until nothing is left to forget
        clock.join()
    with pytest.raises(gr.Error, match="choose the file again"):
        uploads.take(path)


def test_when_memory_runs_short_the_oldest_uploads_go_first(tmp_path: Path) -> None:
    uploads = Uploads(most_bytes=25)
    paths = [upload(tmp_path, f"{name}.png", name.encode() * 10) for name in "abc"]
    for path in paths:
        uploads.take(path)
    assert [uploads.take(path) for path in paths[1:]] == [b"b" * 10, b"c" * 10]
    with pytest.raises(gr.Error):
        uploads.take(paths[0])


def test_a_file_larger_than_the_memory_is_still_handed_over(tmp_path: Path) -> None:
    assert Uploads(most_bytes=5).take(upload(tmp_path, "large.png", b"x" * 10)) == b"x" * 10
