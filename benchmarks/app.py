"""Cold start of the app, and its memory after each tab has been used in a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import CHROMIUM_ARGUMENTS, find_chromium

ROOT = Path(__file__).parents[1]
START_LIMIT = 300.0  # seconds, also beside other work
SETTLED = 3.0  # seconds without work after which a tab counts as done
TAB_LIMIT = 60.0  # seconds


def measure_app() -> dict[str, Any]:
    """Seconds to the first page (three cold starts), those of them that the processor worked, and MB after each tab."""
    starts, worked = [], []
    for _ in range(3):
        with running_app() as (_, process, seconds):
            times = process.cpu_times()
            starts.append(round(seconds, 2))
            worked.append(round(times.user + times.system, 2))  # what other programs do slows a start, but not this
    return {"cold_start_s": starts, "cold_start_cpu_s": worked, "memory_mb": memory_by_tab()}


@contextmanager
def running_app(settings: dict[str, str] | None = None) -> Iterator[tuple[str, psutil.Process, float]]:
    """The app as `python app.py` starts it: its address, its process, and seconds until it served the first page.

    settings: of its environment, above our own.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"} | (settings or {})
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for_page(address, process)
        yield address, psutil.Process(process.pid), time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for_page(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as the address answers with a page."""
    for _ in range(int(START_LIMIT / 0.05)):
        if process.poll() is not None:
            raise RuntimeError(f"The app ended while starting, with status {process.returncode}.")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"The app showed no page within {START_LIMIT:.0f} s.")


def memory_by_tab() -> dict[str, int] | str:
    """Resident memory in MB at the start and after opening and using each tab in turn."""
    browser_path = find_chromium()
    if browser_path is None:
        return "not measured: no Chromium here"
    with running_app() as (address, process, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page()
        found = {"start": resident_mb(process)}
        page.goto(address)
        page.get_by_role("tab").first.wait_for()
        for name in [tab.inner_text() for tab in page.get_by_role("tab").all() if tab.is_visible()]:
            page.get_by_role("tab", name=name, exact=True).click()
            use_tab(page, process)
            found[name] = resident_mb(process)
        browser.close()
    return found


def use_tab(page: Page, process: psutil.Process) -> None:
    """Let the tab show its example, then press its main button if it has one."""
    wait_until_settled(process)
    panel = page.get_by_role("tabpanel").locator("visible=true").first
    for button in panel.locator("button.primary").all():
        if button.is_visible() and button.is_enabled():
            button.click()
            wait_until_settled(process)


def wait_until_settled(process: psutil.Process) -> None:
    """Return when the app has done no work for a while."""
    idle_since, limit = time.monotonic(), time.monotonic() + TAB_LIMIT
    while time.monotonic() - idle_since < SETTLED and time.monotonic() < limit:
        if process.cpu_percent(interval=0.5) > 20:
            idle_since = time.monotonic()


def resident_mb(process: psutil.Process) -> int:
    """Resident memory of the app and its children, in MB."""
    family = [process, *process.children(recursive=True)]
    return round(sum(member.memory_info().rss for member in family) / 1e6)
