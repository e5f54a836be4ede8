"""A class opens the app: the same photo from everyone at once, and whatever else a first minute brings."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import numpy as np
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from tests.browser.conftest import Visit, png
from tests.browser.test_recognize import upload


def test_thirty_programs_with_one_photo_are_all_answered(address: str, photo_of_two: bytes, tmp_path: Path) -> None:
    (tmp_path / "class.png").write_bytes(photo_of_two)
    client, answers = Client(address, verbose=False), []

    def ask() -> None:
        answers.append(len(client.predict(handle_file(tmp_path / "class.png"), api_name="/recognize")))

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [2] * 30


def test_one_upload_can_be_asked_about_twice(address: str, photo_of_two: bytes) -> None:
    sent = httpx.post(f"{address}/gradio_api/upload", files={"files": ("once.png", photo_of_two)}).json()[0]
    photo = {"path": sent, "meta": {"_type": "gradio.FileData"}}
    for _ in range(2):
        call = f"{address}/gradio_api/call/recognize"
        event = httpx.post(call, json={"data": [photo, "expression_classifier"]}).json()["event_id"]
        assert httpx.get(f"{call}/{event}", timeout=60).text.count('"box"') == 2


def test_after_a_photo_without_a_face_the_old_answer_is_gone(visit: Visit) -> None:
    page = visit("Recognize")
    expect(page.locator("#bars .ytick text")).to_have_count(7)
    upload(page, "wall.png", png(np.full((300, 300, 3), 128, np.uint8)))
    expect(page.locator("#answer h2")).to_have_text("No face yet")
    expect(page.locator("#photo .notice")).to_contain_text("No face was found")
    expect(page.locator("#crop img")).to_have_count(0)
    expect(page.locator("#bars .ytick text")).to_have_count(0)


def test_the_photo_field_is_in_the_first_screen_of_a_laptop_and_of_a_phone(visit: Visit) -> None:
    for width, height in ((1366, 768), (390, 844)):
        box = visit("Recognize", width=width, height=height).locator("#photo .dropzone").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height


def test_no_path_of_the_server_is_in_the_page(address: str) -> None:
    source = httpx.get(address).text + httpx.get(f"{address}/config").text
    assert "plotly.min.js" not in source
    assert str(Path(httpx.__file__).parents[1]) not in source
    assert str(Path(__file__).parents[2]) not in source
