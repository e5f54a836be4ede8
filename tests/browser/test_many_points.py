"""Maps of so many points that the page draws them itself: the script alone, in a page without the app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import plotly
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from fer_demo.figures.latent_map import latent_map
from fer_demo.interface.demo import STYLE
from fer_demo.interface.tabs.latent_space.linked_maps import LinkedMaps, packed
from fer_demo.interface.widgets.plots import as_json

SIDE = 80  # of a square grid of points, of which each has its own place on both maps
COUNT = SIDE * SIDE
STUBS = """figures => {
  const element = document.querySelector('#maps');
  Object.assign(window, {
    element, sent: [], watchers: {},
    props: {value: figures, chosen: [5, 0], selected: [[], 0], placed: null, scene: 'made up', has_thumbnails: true},
    watch: (name, work) => { watchers[name] = work; },
    trigger: (name, value) => { sent.push([name, value]); },
    server: {face: async () => ''},
  });
}"""
# Red, green, blue and opacity of the dots where one map has a point.
PIXEL = """(plot, [x, y]) => {
  const {xaxis, yaxis} = plot._fullLayout, canvas = plot.previousElementSibling;
  const place = [xaxis._offset + xaxis.l2p(x), yaxis._offset + yaxis.l2p(y)].map(Math.round);
  return [...canvas.getContext('2d').getImageData(...place, 1, 1).data];
}"""
PLACE = """(plot, [x, y]) => {
  const {xaxis, yaxis} = plot._fullLayout, frame = plot.getBoundingClientRect();
  return [frame.left + xaxis._offset + xaxis.l2p(x), frame.top + yaxis._offset + yaxis.l2p(y)];
}"""


def grid() -> np.ndarray:
    rows = np.arange(COUNT)
    return np.stack([rows % SIDE, rows // SIDE], axis=1).astype(np.float32)


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """Two maps: a grid whose left half is happy and right half sad, and the same upside down."""
    names = ["happy" if x < SIDE / 2 else "sad" for x, _ in grid()]
    maps = [latent_map(grid() * (1, sign), names, "Map", "made up") for sign in (1, -1)]
    given = {"labels": ["left", "right"], "height": 420, "scene": "made up", "chosen": packed(5)}
    widget = LinkedMaps(maps, **given, thumbnail=lambda scene, row: "")
    page = browser.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.set_content(f'<div id="maps">{widget.html_template}</div>')
    page.add_style_tag(path=STYLE / "app.css")  # without it the name of a face would push the maps aside
    page.add_script_tag(path=Path(plotly.__file__).parent / "package_data" / "plotly.min.js")
    page.evaluate(STUBS, as_json(maps))
    page.add_script_tag(content=f"(() => {{ {widget.js_on_load} }})()")
    for plot in page.locator(".plot").all():
        expect(plot).to_have_attribute("data-selected", "0")
    yield page
    page.close()


def sent(page: Page, count: int) -> list[tuple[str, dict[str, object]]]:
    """What the maps have reported, once it is so much: a click waits a moment for Plotly."""
    page.wait_for_function("count => sent.length >= count", arg=count)
    return page.evaluate("sent")


def test_every_point_is_a_dot_in_its_colour_and_none_needs_webgl(page: Page) -> None:
    left, right = page.locator(".plot").all()
    happy, sad = left.evaluate(PIXEL, [10, 10]), left.evaluate(PIXEL, [70, 10])
    assert happy[3] > 0
    assert sad[3] > 0
    assert happy != sad
    assert right.evaluate(PIXEL, [10, -10]) == happy
    assert left.evaluate(PIXEL, [10, 110])[3] == 0
    assert page.locator(".gl-canvas").count() == 0


def test_a_box_selects_its_faces_on_both_maps_and_hidden_ones_stay_out(page: Page) -> None:
    left, right = page.locator(".plot").all()
    page.locator(".legendtoggle").nth(1).click()  # sad
    expect(page.locator(".traces").nth(1)).to_have_css("opacity", "0.5")
    left.evaluate("plot => Plotly.relayout(plot, {dragmode: 'select'})")
    corners = [left.evaluate(PLACE, corner) for corner in ([30.5, 20.5], [60.5, 10.5])]
    page.mouse.move(*corners[0])
    page.mouse.down()
    page.mouse.move(*corners[1], steps=5)
    page.mouse.up()
    inside = [row for row, (x, y) in enumerate(grid()) if 30.5 < x < 40 and 10.5 < y < 20.5]
    expect(right).to_have_attribute("data-selected", str(len(inside)))
    name, told_of = sent(page, 1)[-1]
    assert name == "lasso"
    assert sorted(told_of["rows"]) == inside  # type: ignore[call-overload]


def test_a_lasso_selects_what_lies_inside_its_outline(page: Page) -> None:
    left = page.locator(".plot").first
    corners = [left.evaluate(PLACE, corner) for corner in ([10.5, 10.5], [30.5, 10.5], [10.5, 30.5])]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in (*corners[1:], corners[0]):
        page.mouse.move(*corner, steps=6)
    page.mouse.up()
    rows = set(sent(page, 1)[-1][1]["rows"])  # type: ignore[call-overload]
    within = {row for row, (x, y) in enumerate(grid()) if x > 11 and y > 11 and x + y < 40}
    around = {row for row, (x, y) in enumerate(grid()) if x > 10 and y > 10 and x + y < 42}
    assert within <= rows <= around


def test_a_click_chooses_the_face_below_it_and_elsewhere_reports_the_place(page: Page) -> None:
    left, right = page.locator(".plot").all()
    page.mouse.click(*left.evaluate(PLACE, [12, 34]))
    assert sent(page, 1) == [["select", {"index": 34 * SIDE + 12}]]
    expect(right).to_have_attribute("data-chosen", str(34 * SIDE + 12))
    page.mouse.click(*left.evaluate(PLACE, [-4, 40]))
    name, place = sent(page, 2)[-1]
    assert name == "place"
    assert place["panel"] == 0
    assert place["x"] == pytest.approx(-4, abs=0.5)


def test_pointing_at_a_dot_names_what_it_is(page: Page) -> None:
    left = page.locator(".plot").first
    page.mouse.move(*left.evaluate(PLACE, [70, 40]))
    expect(page.locator(".hover-name")).to_have_text("sad")
    page.mouse.move(*left.evaluate(PLACE, [-4, 40]))
    expect(page.locator(".hover-name")).to_be_hidden()
