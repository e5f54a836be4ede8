"""A class opens the app: the same photo from everyone at once, and whatever else a first minute brings."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
from gradio_client import Client, handle_file
from playwright.sync_api import BrowserContext, Page, expect

from fer_demo.data.loading import load_bundled
from fer_demo.images import resize
from fer_demo.settings import AppSettings
from tests.browser.conftest import Visit, png
from tests.browser.test_recognize import upload

# A PNG from outside the page comes over its heading, by the mouse or by the keyboard.
HAND_OVER = """([way, content]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0)), given = new DataTransfer();
  given.items.add(new File([bytes], 'two.png', {type: 'image/png'}));
  const more = {bubbles: true, cancelable: true, dataTransfer: given, clipboardData: given};
  const event = way === 'drop' ? new DragEvent('drop', more) : new ClipboardEvent('paste', more);
  document.querySelector('h1').dispatchEvent(event);
}"""


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


@contextmanager
def visitors(browser: BrowserContext, address: str, count: int) -> Iterator[list[Page]]:
    """Pages in as many browsers: one browser keeps six connections to a server, and each page holds one open."""
    assert browser.browser is not None
    contexts = [browser.browser.new_context() for _ in range(count)]
    try:
        pages = [context.new_page() for context in contexts]
        for page in pages:  # one by one: six at once draw their charts for a minute on a busy machine
            page.goto(f"{address}/?tab=recognize")
            expect(page.locator("#bars li")).to_have_count(8)
        yield pages
    finally:
        for context in contexts:
            context.close()


def test_six_browsers_with_one_photo_are_all_answered(
    address: str, browser: BrowserContext, photo_of_two: bytes
) -> None:
    with visitors(browser, address, 6) as pages:
        for page in pages:
            upload(page, "class.png", photo_of_two)
        for page in pages:
            expect(page.locator("#answer")).to_contain_text("Face 1 of 2")
            expect(page.locator("#everyone tbody tr")).to_have_count(2)
            expect(page.locator("#photo .notice")).to_be_empty()


def test_a_visitor_behind_thirty_photos_sees_his_place_and_all_are_answered(visit: Visit, address: str) -> None:
    page, faces = visit("Recognize"), load_bundled()
    photos = [png(resize(faces[row].image, 640)) for row in range(31)]
    sent = [_sent(address, photo) for photo in photos[:30]]
    call = f"{address}/gradio_api/call/recognize"
    asked = [httpx.post(call, json={"data": [one, AppSettings.recognizer]}).json()["event_id"] for one in sent]
    upload(page, "mine.png", photos[30])
    expect(page.locator("#photo")).to_contain_text(re.compile(r"queue: \d+/\d+"))
    answers = [httpx.get(f"{call}/{event}", timeout=60).text for event in asked]
    assert [answer.count('"box"') for answer in answers] == [1] * 30
    expect(page.locator("#photo .stage img")).to_have_attribute("alt", re.compile("your photo"))
    expect(page.locator("#photo .notice")).to_be_empty()


def _sent(address: str, photo: bytes) -> dict[str, object]:
    """A photo on its way, as a program names it."""
    path = httpx.post(f"{address}/gradio_api/upload", files={"files": ("photo.png", photo)}).json()[0]
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


def test_one_upload_can_be_asked_about_twice(address: str, photo_of_two: bytes) -> None:
    photo = _sent(address, photo_of_two)
    for _ in range(2):
        call = f"{address}/gradio_api/call/recognize"
        event = httpx.post(call, json={"data": [photo, AppSettings.recognizer]}).json()["event_id"]
        assert httpx.get(f"{call}/{event}", timeout=60).text.count('"box"') == 2


def test_a_program_that_sends_a_path_or_an_address_is_told_how_to_send_the_file(address: str) -> None:
    there = {"path": "https://example.org/photo.jpg", "meta": {"_type": "gradio.FileData"}}  # it must not be fetched
    for sent in ("photo.jpg", "https://example.org/photo.jpg", 7, there):
        call = f"{address}/gradio_api/call/recognize"
        event = httpx.post(call, json={"data": [sent, AppSettings.recognizer]}).json()["event_id"]
        assert "The file was not sent" in httpx.get(f"{call}/{event}", timeout=60).text


def test_after_a_photo_without_a_face_the_old_answer_is_gone(visit: Visit) -> None:
    page = visit("Recognize")
    expect(page.locator("#bars li")).to_have_count(8)
    upload(page, "wall.png", png(np.full((300, 300, 3), 128, np.uint8)))
    expect(page.locator("#answer h2")).to_have_text("No face yet")
    expect(page.locator("#photo .notice")).to_contain_text("No face was found")
    expect(page.locator("#crop img")).to_have_count(0)
    expect(page.locator("#bars li")).to_have_count(0)


def test_the_photo_field_and_the_answer_are_in_the_first_screen_of_a_laptop_and_of_a_phone(visit: Visit) -> None:
    for width, height in ((1366, 768), (390, 844)):
        page = visit("Recognize", width=width, height=height)
        for part in ("#photo .dropzone", "#answer h2"):
            expect(page.locator(part)).to_be_in_viewport(ratio=1)


def test_a_photo_dropped_or_pasted_anywhere_is_answered(visit: Visit, photo_of_two: bytes) -> None:
    for way in ("drop", "paste"):
        page = visit("Recognize")
        page.evaluate(HAND_OVER, [way, base64.b64encode(photo_of_two).decode()])
        expect(page.locator("#answer")).to_contain_text("Face 1 of 2")


def test_on_a_phone_the_page_goes_to_the_answer(visit: Visit, photo_of_two: bytes) -> None:
    page = visit("Recognize", width=390, height=844)
    expect(page.locator("#bars li")).to_have_count(8)
    upload(page, "two.png", photo_of_two)
    expect(page.locator("#answer")).to_contain_text("Face 1 of 2")
    expect(page.locator("#answer h2")).to_be_in_viewport()
    upload(page, "wall.png", png(np.full((300, 300, 3), 128, np.uint8)))
    expect(page.locator("#photo .notice")).to_contain_text("No face was found")
    expect(page.locator("#photo .notice")).to_be_in_viewport()


def test_no_path_of_the_server_is_in_the_page(address: str) -> None:
    source = httpx.get(address).text + httpx.get(f"{address}/config").text
    assert "plotly.min.js" not in source
    assert str(Path(httpx.__file__).parents[1]) not in source
    assert str(Path(__file__).parents[2]) not in source
