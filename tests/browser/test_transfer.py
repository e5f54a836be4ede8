"""A visitor gives a face another expression."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit


def downloaded(page: Page, button: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return Path(waiting.value.path()).read_bytes()


def with_codes(page: Page) -> None:
    """Turn to TDGAN if another editor comes first: only a model with identity codes can change the face."""
    if page.locator("#along").is_hidden():
        page.get_by_label("Model").last.click()
        page.get_by_role("option", name="TDGAN").click()
        expect(page.locator("#along")).to_be_visible()


def test_a_strip_is_there_on_arrival(visit: Visit) -> None:
    page = visit("Transfer")
    expect(page.locator("#strip li")).to_have_count(11)
    expect(page.locator("#strip li").first).to_contain_text(re.compile(r"happy\s*0\.\d\d\s*distance\s*\d\.\d\d"))
    expect(page.get_by_text("the identity embedder, from which no editor learned")).to_be_visible()
    expect(page.locator("#result")).to_contain_text(re.compile(r"Distance \d\.\d\d\."))
    expect(page.locator("#result img")).to_have_count(2)


def test_a_named_expression_gives_a_measured_strip_to_take_away(visit: Visit) -> None:
    page = visit("Transfer")
    page.locator("#named").get_by_text("surprise").click()
    expect(page.locator("#strip li").first).to_contain_text("surprise")
    assert downloaded(page, "Download GIF").startswith(b"GIF89a")
    assert downloaded(page, "Download PNG").startswith(b"\x89PNG")
    table = downloaded(page, "Download CSV").decode().splitlines()
    assert table[0].startswith("frame,alpha,angry")
    assert table[0].endswith("identity_distance,same_person")
    assert len(table) == 12
    assert re.search(r",0\.\d{4},(yes|no)$", table[-1])


def test_a_frame_of_the_strip_becomes_the_result(visit: Visit) -> None:
    page = visit("Transfer")
    page.locator("#strip button").nth(3).click()
    expect(page.locator("#alpha input[type=number]")).to_have_value("0.3")
    expect(page.locator("#result img").first).to_have_attribute("alt", re.compile("alpha 0.30"))


def test_another_face_can_give_the_expression(visit: Visit) -> None:
    page = visit("Transfer")
    page.locator("#kind").get_by_text("from another face").click()
    examples = page.get_by_role("group", name="Second face: examples")
    expect(examples).to_be_visible()
    before = page.locator("#strip img").last.get_attribute("src")
    examples.get_by_role("button").nth(3).click()
    expect(page.locator("#strip img").last).not_to_have_attribute("src", before or "")


def test_the_face_can_change_at_a_fixed_expression(visit: Visit) -> None:
    page = visit("Transfer")
    with_codes(page)
    before = page.locator("#strip img").last.get_attribute("src")
    page.locator("#along").get_by_text("the face; the expression stays").click()
    expect(page.get_by_role("group", name="Second face: examples")).to_be_visible()
    expect(page.locator("#strip img").last).not_to_have_attribute("src", before or "")
    expect(page.locator("#strip li")).to_have_count(11)
    expect(page.locator("#result img")).to_have_count(1)


def test_an_unreadable_second_face_is_told_beside_its_field(visit: Visit) -> None:
    page = visit("Transfer")
    page.locator("#kind").get_by_text("from another face").click()
    file = {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"not a picture"}
    page.locator("#driver input[type=file]").set_input_files(file)
    expect(page.locator("#driver .notice")).to_contain_text("is not a picture")
    expect(page.locator("#source .notice")).to_be_empty()
