"""Time of leak probes and of large maps: on the server, and in a browser that shows them and is drawn in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.alone import alone, peak_memory_mb
from benchmarks.app import ROOT, wait_for_page
from benchmarks.browser import CHROMIUM_ARGUMENTS, find_chromium
from benchmarks.made_up import write_map
from benchmarks.timing import seconds
from fer_demo.checkpoints import load_model
from fer_demo.data.embedding_table import open_embedding_table
from fer_demo.data.loading import load_bundled
from fer_demo.inference.leakage.disentanglement import PROBED_DIMS
from fer_demo.inference.leakage.probe_codes import codes_of
from fer_demo.inference.leakage.probe_fits import PROBES
from fer_demo.inference.leakage.probe_targets import target_of
from fer_demo.inference.leakage.probing import plan_probe, read_codes
from fer_demo.interface.tabs import latent_space
from fer_demo.interface.tabs.latent_space.map_view import METHOD_TITLES, figures, first_view
from fer_demo.interface.widgets.plots import as_json

POINTS = 50_000
MODEL = "tdgan"  # whose codes are probed, and whose map the large one stands for
TARGETS = ("person", "expression", "head turn", "brightness", "glasses")
WAIT = 120_000  # milliseconds a busy machine may take to show a map
PICTURES_EACH = 28  # of a bundled person
LASSOS = 5
# Notes when the pointer lets go on the first map, and when the marks of the second have been painted after that.
WATCH = """() => {
  const second = document.querySelectorAll('#maps .plot')[1];
  window.painted = null;
  window.addEventListener('pointerup', () => { window.released = performance.now(); }, {capture: true, once: true});
  new MutationObserver((_, watcher) => {
    if (!(second.dataset.selected > 0)) return;
    watcher.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
  }).observe(second, {attributes: true, attributeFilter: ['data-selected']});
}"""
# Notes when a map has been drawn again.
EXPECT = """() => document.querySelectorAll('#maps .plot').forEach((plot) => {
  plot.dataset.painted = '';
  plot.on('plotly_react', () => requestAnimationFrame(() => { plot.dataset.painted = 'yes'; }));
})"""
PAINTED = "() => [...document.querySelectorAll('#maps .plot')].every((plot) => plot.dataset.painted)"
# Every map has points, as shapes or, of many, as coloured pixels.
DRAWN = """() => [...document.querySelectorAll('#maps .map-panel')].every((panel) => {
  const canvas = panel.querySelector('.dots'), pen = canvas.getContext('2d');
  return panel.querySelector('.point') || pen.getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean);
})"""
ARRIVED = "() => [...document.querySelectorAll('#maps .plot')].every((plot) => plot.dataset.selected !== undefined)"


def measure_maps(share: float) -> dict[str, Any]:
    """Probes on the bundled faces; a map of `share` times 50,000 made-up points on the server and in a browser."""
    points = max(100, int(POINTS * share))
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "large.parquet"
        origin = load_model(MODEL).origin
        assert origin is not None  # load_model always sets it
        write_map(table, points, origin.sha256)
        return {
            "map": alone(large_map, table),
            "browser": in_browser(table),
            "probes": alone(probes, share),
        }


def probes(share: float) -> dict[str, Any]:
    """Seconds of each kind of probe of each label, all codes together, with its control and its intervals."""
    source, codes = load_bundled(), codes_of(MODEL, {MODEL: load_model(MODEL)})
    rows = np.arange(max(4 * PICTURES_EACH, int(len(source) * share)))  # whole people
    persons = [source.column("person")[row] for row in rows]
    chosen = {name: values[rows] for name, values in codes.codes.items()}

    def probe(target: str, kind: str) -> float:
        begin = time.perf_counter()
        plan = plan_probe(target_of(source, codes.brightness, target).select(rows), persons, seed=0)
        for _ in read_codes(plan, chosen, kind, PROBED_DIMS):
            pass
        return round(time.perf_counter() - begin, 2)

    taken = {kind: {target: probe(target, kind) for target in TARGETS} for kind in PROBES}
    return {"faces": len(rows), "codes": len(chosen), "dims": PROBED_DIMS, "seconds": taken}


def large_map(path: Path) -> dict[str, Any]:
    """Seconds to open a table, to read one of its spaces, and to build and serialize both figures."""
    begin = time.perf_counter()
    table = open_embedding_table(path)
    opening = time.perf_counter() - begin
    view = first_view(MODEL, table)
    for name in view.spaces:
        table.space(name)
    reading = time.perf_counter() - begin - opening
    drawn = figures(view, table)
    space = table.space(view.spaces[0])
    return {
        "points": len(table),
        "table_mb": round(path.stat().st_size / 1e6, 1),
        "open_s": round(opening, 3),
        "read_both_spaces_s": round(reading, 3),
        "build_both_figures": seconds(lambda: figures(view, table), repeats=3),
        "serialize_both_figures": seconds(lambda: as_json(drawn), repeats=3),
        "neighbours_of_a_face": seconds(lambda: space.nearest(space.codes[0], 7, without=0)),
        "thumbnail": seconds(lambda: table.thumbnail(len(table) // 2)),
    }


def in_browser(table: Path) -> dict[str, Any] | str:
    """Seconds until a new map is on the screen, and milliseconds from a lasso's end to the marks on the other map."""
    chromium = find_chromium()
    if chromium is None:
        return "not measured: no Chromium here"
    with serving(table) as (address, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(WAIT)
        begin = time.perf_counter()
        page.goto(address)
        page.get_by_role("tab").first.wait_for()
        arriving = time.perf_counter() - begin
        page.get_by_role("tab", name=latent_space.TITLE, exact=True).click()
        page.wait_for_function(ARRIVED)
        first = time.perf_counter() - begin - arriving
        assert page.evaluate(DRAWN), "the page shows no points"
        other = [changed_method(page, METHOD_TITLES[method]) for method in ("pca", "umap", "pca")]
        lassos = [lasso(page) for _ in range(LASSOS)]
        found = {
            "page_s": round(arriving, 2),
            "first_map_s": round(first, 2),
            "other_map_s": other,
            "lasso_to_other_map_ms": lassos,
            "server_peak_memory_mb": peak_memory_mb(process),
        }
        browser.close()
    return found


@contextmanager
def serving(table: Path) -> Iterator[tuple[str, int]]:
    """The app with that map alone: its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False"}
    command = [sys.executable, "-m", "benchmarks.large_map", str(table)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for_page(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def changed_method(page: Page, title: str) -> float:
    """Seconds from choosing another way of making maps to both being drawn: built, sent, unpacked and painted."""
    page.evaluate(EXPECT)
    begin = time.perf_counter()
    page.locator("#method").get_by_text(title, exact=True).click()
    page.wait_for_function(PAINTED)
    return round(time.perf_counter() - begin, 2)


def lasso(page: Page) -> float:
    """Milliseconds from letting go of an outline around the middle of one map to the marks on the other."""
    plot = page.locator("#maps .plot").first
    plot.scroll_into_view_if_needed()
    frame = plot.bounding_box()
    assert frame is not None
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] * 0.45
    page.evaluate(WATCH)
    page.mouse.move(x - 60, y - 60)
    page.mouse.down()
    for across, down in ((60, -60), (60, 60), (-60, 60), (-60, -60)):
        page.mouse.move(x + across, y + down, steps=4)
    page.mouse.up()
    page.wait_for_function("() => window.painted !== null")
    took = float(page.evaluate("() => window.painted - window.released"))
    page.locator("#clear-selection").click()
    page.wait_for_function("() => document.querySelectorAll('#maps .plot')[1].dataset.selected === '0'")
    return round(took, 1)
