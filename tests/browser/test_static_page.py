"""The page without a server: it says and paints what the app does, and goes on when the network is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from benchmarks.static_page import differences, in_browser, in_python, rendered, served, size_of
from tests.browser.conftest import _from_elsewhere, png
from training.publishing.web.command import LIMIT, RUNTIME, ExportWebSettings, export_web

SURPRISED = "Computer-made face, surprise"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as it is deployed."""
    if not RUNTIME.is_dir():
        pytest.skip("no onnxruntime-web here: `make page` fetches it with npm")
    return export_web(ExportWebSettings(tmp_path_factory.mktemp("page") / "page"))


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """A page in which nothing may fail."""
    faults: list[str] = []
    page = browser.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.extend([said.text] if said.type == "error" else []))
    yield page
    page.close()
    assert not faults


def test_a_visitor_reads_a_face_edits_it_and_goes_on_offline(browser: BrowserContext, page: Page, folder: Path) -> None:
    with served(folder) as address:
        asked: list[str] = []
        page.on("request", lambda request: asked.extend(_from_elsewhere(request.url, address)))
        page.goto(address)
        page.get_by_role("button", name=SURPRISED).click()
        expect(page.locator(".verdict")).to_contain_text("would say surprise")
        page.locator("#wanted label", has_text="happy").click()
        expect(page.locator("#edit-state")).to_contain_text("happy, 100%")
        before, after = (page.locator(name).evaluate("canvas => canvas.toDataURL()") for name in ("#before", "#after"))
        assert before != after
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save the photo").click()
        assert saved.value.suggested_filename == "happy-100.png"
        expect(page.locator("#offline")).to_contain_text("is kept by your browser now")
        assert not asked
    page.reload()  # its host is gone
    page.get_by_role("button", name=SURPRISED).click()
    expect(page.locator(".verdict")).to_contain_text("would say surprise")


def test_what_cannot_be_answered_is_said_in_a_sentence(page: Page, folder: Path) -> None:
    with served(folder) as address:
        page.goto(address)
        for content, words in ((b"no picture", "is damaged"), (b"", "is empty"), (png(_nobody()), "No face was found")):
            page.locator("#file").set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": content})
            expect(page.locator("#notice")).to_contain_text(words)
        page.get_by_role("button", name=SURPRISED).click()
        expect(page.locator(".verdict")).to_contain_text("Of ten people")
        expect(page.locator("#notice")).to_have_text("")


def test_the_camera_is_looked_at_and_stops(page: Page, folder: Path) -> None:
    with served(folder) as address:
        page.goto(address)
        page.get_by_role("button", name="Start the camera").click()
        expect(page.locator("#speed")).to_contain_text("ms a frame")
        page.get_by_role("button", name="Stop the camera").click()
        expect(page.get_by_role("button", name="Start the camera")).to_be_visible()


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("delete navigator.__proto__.mediaDevices", "Photos and examples still work"),
        ("WebAssembly.validate = () => false", "lacks WebAssembly SIMD"),
    ],
)
def test_a_browser_that_lacks_something_is_told_what(page: Page, folder: Path, missing: str, words: str) -> None:
    page.add_init_script(missing)
    with served(folder) as address:
        page.goto(address)
        page.get_by_role("button", name="Start the camera").click()
        expect(page.locator("#notice")).to_contain_text(words)


def test_the_page_says_and_paints_what_the_app_does(page: Page, folder: Path) -> None:
    faces = rendered(24)  # `make bench` asks both about 200
    with served(folder) as address:
        apart = differences(in_browser(page, address, faces), in_python(faces))
    assert apart["faces"] == 24
    assert apart["largest_difference_of_a_share"] <= 0.002
    assert apart["mean_difference_of_an_edit_in_grey_levels"] <= 1
    assert apart["other_words"] == 0


def test_where_its_host_isolates_the_page_it_says_the_same_on_several_threads(page: Page, folder: Path) -> None:
    faces = rendered(8)
    with served(folder, isolated=True) as address:
        on_several = in_browser(page, address, faces)
        assert page.evaluate("self.crossOriginIsolated")
    with served(folder) as address:
        on_one = in_browser(page, address, faces)
        assert not page.evaluate("self.crossOriginIsolated")
    assert differences(on_several, on_one)["largest_difference_of_a_share"] <= 0.002


def test_at_a_later_visit_the_page_is_isolated_whatever_its_host_sends(page: Page, folder: Path) -> None:
    with served(folder) as address:
        page.goto(address)
        expect(page.locator("#offline")).to_contain_text("is kept by your browser now")
        assert not page.evaluate("self.crossOriginIsolated")
        page.reload()
        assert page.evaluate("self.crossOriginIsolated")
        page.get_by_role("button", name=SURPRISED).click()
        expect(page.locator(".verdict")).to_contain_text("would say surprise")


def test_the_page_is_small(folder: Path) -> None:
    assert size_of(folder) <= LIMIT


def _nobody() -> np.ndarray:
    return np.full((300, 300, 3), 160, np.uint8)
