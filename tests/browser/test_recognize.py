"""A visitor has expressions recognized."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, png


def upload(page: Page, name: str, content: bytes, mime: str = "image/png") -> None:
    page.locator("#photo input[type=file]").set_input_files({"name": name, "mimeType": mime, "buffer": content})


def test_there_is_an_answer_on_arrival(visit: Visit) -> None:
    page = visit("Recognize")
    expect(page.locator("#answer h2")).to_have_text(re.compile("Looks|Perhaps|Hard to say"))
    expect(page.locator("#answer")).to_contain_text("not what the person feels")
    expect(page.locator("#crop img")).to_be_visible()
    expect(page.locator("#bars .ytick text")).to_have_count(7)


def test_choosing_an_example_shows_its_bars_and_the_evidence_for_any_expression(visit: Visit) -> None:
    page = visit("Recognize")
    before = page.locator("#crop img").get_attribute("src")
    page.get_by_role("group", name="Photo: examples").get_by_role("button").first.click()
    expect(page.locator("#crop img")).not_to_have_attribute("src", before or "")
    expect(page.locator("#bars .ytick text")).to_have_count(7)
    expect(page.locator("#heat figcaption")).to_have_text(re.compile("[Ee]vidence for "))
    page.get_by_label("Show the evidence for").click()
    page.get_by_role("option", name="surprise").click()
    expect(page.locator("#heat figcaption")).to_have_text(re.compile("[Ee]vidence for surprise"))
    row = page.locator("#bars .ytick text").get_by_text("fear").bounding_box()
    plot = page.locator("#bars .nsewdrag").bounding_box()
    assert row is not None
    assert plot is not None
    page.mouse.click(plot["x"] + plot["width"] / 2, row["y"] + row["height"] / 2)  # far from the end of a short bar
    expect(page.locator("#heat figcaption")).to_have_text(re.compile("[Ee]vidence for fear"))


def test_an_example_can_be_chosen_by_keyboard(visit: Visit) -> None:
    page = visit("Recognize")
    first = page.get_by_role("group", name="Photo: examples").get_by_role("button").first
    first.focus()
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(first).to_be_focused()


def test_the_second_face_of_an_uploaded_photo_can_be_chosen(visit: Visit, photo_of_two: bytes) -> None:
    page = visit("Recognize")
    upload(page, "two.png", photo_of_two)
    second = page.get_by_role("button", name="Face 2 of 2")
    expect(page.locator("#answer")).to_contain_text("Face 1 of 2")
    before = page.locator("#crop img").get_attribute("src")
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#answer")).to_contain_text("Face 2 of 2")
    expect(page.locator("#crop img")).not_to_have_attribute("src", before or "")


def test_a_file_that_is_no_photo_gets_a_sentence_and_the_app_goes_on(visit: Visit, photo_of_two: bytes) -> None:
    page = visit("Recognize")
    notice = page.locator("#photo .notice")
    for name, content, words in [
        ("letter.jpg", b"Dear all, this is not a picture.", "is not a picture"),
        ("nothing.png", b"", "empty"),
        ("half.png", photo_of_two[: len(photo_of_two) // 2], "incomplete"),
        ("dot.png", png(np.zeros((1, 1, 3), np.uint8)), "1 x 1"),
        ("wall.png", png(np.full((300, 300, 3), 128, np.uint8)), "No face"),
    ]:
        upload(page, name, content)
        expect(notice).to_contain_text(words)
    upload(page, "two.png", photo_of_two)
    expect(page.locator("#answer")).to_contain_text("Face 1 of 2")
    expect(notice).to_be_empty()


def test_the_camera_takes_a_photo(visit: Visit) -> None:
    page = visit("Recognize")
    page.locator("#photo").get_by_label("Capture from camera").click()
    page.locator("#photo").get_by_text(re.compile("Access Webcam", re.I)).click()
    page.wait_for_function("document.querySelector('#photo video')?.videoWidth > 0")  # the camera has begun to show
    page.wait_for_timeout(1000)
    page.locator("#photo").get_by_label(re.compile("capture photo", re.I)).click()
    expect(page.locator("#photo .notice")).to_contain_text("No face")  # Chromium's invented camera shows a test picture
