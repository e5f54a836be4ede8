"""A visitor loads a model from the Hub, here a loopback one, and works with it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import BrowserContext, expect

from fer_demo.models.expression_classifier import ExpressionClassifier, ExpressionClassifierConfig
from tests.browser.conftest import served_by
from tests.editors import tiny_landmark_editor
from tests.hub.loopback_hub import LoopbackHub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LoopbackHub]:
    torch.manual_seed(0)
    server = LoopbackHub()
    server.start()
    recognizer = ExpressionClassifierConfig(size=32, stem=4, widths=(4, 8), blocks=(1, 1))
    ExpressionClassifier(recognizer).save(tmp_path / "recognizer")
    tiny_landmark_editor().save(tmp_path / "editor")
    server.add("someone/recognizer", tmp_path / "recognizer")
    server.add("someone/editor", tmp_path / "editor")
    yield server
    server.stop()


@pytest.fixture
def address_with_hub(chromium: str, hub: LoopbackHub, tmp_path: Path) -> Iterator[str]:
    own = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), "HF_HUB_DISABLE_XET": "1"}
    environment = {name: value for name, value in os.environ.items() if name not in ("HF_HUB_OFFLINE", "HF_HUB_CACHE")}
    with served_by(["app.py"], environment | own, tmp_path) as address:
        yield address


def test_a_visitor_brings_a_recognizer_and_an_editor(
    browser: BrowserContext, address_with_hub: str, hub: LoopbackHub, tmp_path: Path
) -> None:
    page = browser.new_page()
    page.goto(address_with_hub)
    for tab, field, picker in (("Recognize", "own-recognizer", None), ("Transfer", "own-editor", "#editor input")):
        repo = f"someone/{field.removeprefix('own-')}"
        commit = hub.repositories["models", repo].refs["main"]
        page.get_by_role("tab", name=tab, exact=True).click()
        opened = page.locator(f"#{field}")
        opened.get_by_text("Load another model").click()
        opened.locator("textarea, input").first.fill("nobody/nothing")
        opened.get_by_role("button", name="Load it").click()
        expect(opened.get_by_role("alert")).to_contain_text("nobody/nothing does not exist on the Hub")
        before = page.locator("#answer").inner_text() if picker is None else page.locator("#strip").inner_text()
        opened.locator("textarea, input").first.fill(repo)
        opened.get_by_role("button", name="Load it").click()
        expect(opened).to_contain_text(
            re.compile(rf"{repo} at {commit[:8]} is in the list now: .*commit {commit[:12]}")
        )
        chosen = page.get_by_label("Recognizer", exact=True) if picker is None else page.locator(picker)
        expect(chosen.first).to_have_value(re.compile(rf"{repo} at {commit[:8]}"))
        if picker is None:
            expect(page.locator("#answer")).not_to_have_text(before)
        else:
            expect(page.locator("#strip")).not_to_have_text(before)
            expect(page.locator("#link a")).to_have_attribute("href", re.compile(f"model=someone%2Feditor%40{commit}"))
        if out := os.environ.get("SHOTS"):
            page.screenshot(path=f"{out}/{tab}.png", full_page=True)
    hub.stop()
    page.get_by_role("tab", name="Recognize", exact=True).click()
    opened = page.locator("#own-recognizer")
    opened.locator("textarea, input").first.fill("someone/recognizer@v2")
    opened.get_by_role("button", name="Load it").click()
    expect(opened.get_by_role("alert")).to_contain_text("cannot be reached")
    page.close()
