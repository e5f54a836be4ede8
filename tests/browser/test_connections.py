"""A whole visit, and the app has called nobody."""

from __future__ import annotations

import ipaddress
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from fer_demo.data.loading import load_bundled
from tests.browser.conftest import Visit, png
from tests.browser.test_recognize import upload


def test_the_app_calls_nobody_but_its_own_machine(
    visit: Visit, photo_of_two: bytes, connections: Path, tmp_path: Path
) -> None:
    page = visit("Recognize")
    upload(page, "two.png", photo_of_two)
    expect(page.locator("#answer")).to_contain_text("Face 1 of 2")
    page.get_by_role("tab", name="Transfer", exact=True).click()
    before = page.locator("#result img").first.get_attribute("alt")
    page.locator("#named").get_by_label("surprise", exact=True).click()
    expect(page.locator("#result img").first).not_to_have_attribute("alt", before or "")
    page.get_by_role("tab", name="Dataset", exact=True).click()
    page.get_by_role("button", name="Open another dataset").click()
    page.locator("#set-file input[type=file]").set_input_files(_dataset(tmp_path / "mine.zip"))
    expect(page.locator("#opened")).to_contain_text("4 pictures")
    page.get_by_role("button", name="Check the pictures").click()
    expect(page.locator("#check-pictures")).to_contain_text("4 of 4 pictures")
    log = [line.split("\t") for line in connections.read_text(encoding="utf-8").splitlines()]
    assert ["onnxruntime", "1"] in log
    called = {where for what, where in log if what != "onnxruntime"}
    assert called  # Gradio looks at its own page when it starts: the watch is awake
    assert {where for where in called if not _here(where)} == set()


def _here(where: str) -> bool:
    return where == "localhost" or ipaddress.ip_address(where).is_loopback


def _dataset(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        source = load_bundled()
        for row in range(4):
            archive.writestr(f"train/{source[row].expression}/{row}.png", png(source[row].image))
    return path
