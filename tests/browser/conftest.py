"""The running app and a browser to visit it with."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from benchmarks.browser import CHROMIUM_ARGUMENTS
from fer_demo.data.loading import load_bundled
from fer_demo.images import resize

ROOT = Path(__file__).parents[2]
START_LIMIT = 240.0  # seconds
ANSWER_LIMIT = 45_000  # milliseconds any answer may take on a busy machine

# With an invented camera, and without calling home.
BROWSER_ARGUMENTS = [
    *CHROMIUM_ARGUMENTS,
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

Visit = Callable[..., Page]

expect.set_options(timeout=ANSWER_LIMIT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest stories first, or one worker is still at them when the others are done."""
    items.sort(key=lambda item: item.path.name != "test_static_page.py")


@pytest.fixture(scope="session")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of whom the app calls; see watch/sitecustomize.py."""
    return tmp_path_factory.mktemp("watch") / "connections.txt"


@pytest.fixture(scope="session")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory, connections: Path) -> Iterator[str]:
    """Where the app answers, started as a visitor starts it: `python app.py`."""
    with served_by(["app.py"], os.environ | watched(connections), tmp_path_factory.mktemp("app")) as address:
        yield address


@contextmanager
def served_by(program: Sequence[str], environment: Mapping[str, str], folder: Path, page: str = "") -> Iterator[str]:
    """The address of a Python program that serves on the port of GRADIO_SERVER_PORT, from its first page to the end.

    program: as it follows `python`. folder: for the log of what it says. page: the path of what must be there.
    """
    log, port = folder / "log.txt", free_port()
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env={**environment, "GRADIO_SERVER_PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for_page(f"http://127.0.0.1:{port}{page}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def watched(log: Path) -> dict[str, str]:
    """Environment of an app that writes down whom it calls."""
    places = [str(ROOT / "tests" / "browser" / "watch"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(places), "CONNECTIONS_LOG": str(log)}


def wait_for_page(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the app showed no page; its last words:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[BrowserContext]:
    """Headless Chromium; its cache lasts for the session, so that scripts are fetched once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
        context = browser.new_context(accept_downloads=True)
        context.set_default_timeout(ANSWER_LIMIT)
        yield context
        browser.close()


@pytest.fixture
def visit(address: str, browser: BrowserContext) -> Iterator[Visit]:
    """Opens the app on one tab; afterwards nothing may have failed in the page or been fetched from elsewhere."""
    pages: list[Page] = []
    faults: list[str] = []

    def open_page(tab: str, theme: str = "light", width: int = 1280, height: int = 900) -> Page:
        page = browser.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.on("pageerror", lambda error: faults.append(f"error in the page: {error}"))
        page.on("console", lambda said: faults.extend(_forbidden(said.text)))
        page.on("request", lambda request: faults.extend(_from_elsewhere(request.url, address)))
        page.goto(f"{address}/?__theme={theme}")
        page.get_by_role("tab", name=tab, exact=True).click()
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not faults


def _from_elsewhere(url: str, address: str) -> list[str]:
    return [] if url.startswith((address, "data:", "blob:")) else [f"fetched from elsewhere: {url}"]


def _forbidden(said: str) -> list[str]:
    return [said] if "Content Security Policy" in said else []


@pytest.fixture(scope="session")
def photo_of_two() -> bytes:
    """A PNG with two bundled faces side by side, the left one larger."""
    source = load_bundled()
    rows = [row for row, expression in enumerate(source.column("expression")) if expression == "happy"][:2]
    left, right = (source[row].image for row in rows)
    canvas = np.full((320, 520, 3), 160, np.uint8)
    canvas[20:300, 10:290] = resize(left, 280)
    canvas[80:280, 305:505] = resize(right, 200)
    return png(canvas)


def png(picture: np.ndarray) -> bytes:
    """A picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG")
    return buffer.getvalue()
