"""A visitor walks through the two maps."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

# Where on the screen the loneliest point of a map is, and which face it stands for.
LONELIEST = """plot => {
  const {xaxis, yaxis} = plot._fullLayout, frame = plot.getBoundingClientRect();
  const points = plot.data.flatMap(trace => trace.x.map((x, i) => ({
    x: frame.left + xaxis._offset + xaxis.l2p(x), y: frame.top + yaxis._offset + yaxis.l2p(trace.y[i]),
    key: trace.customdata[i][1],
  })));
  const room = point => Math.min(...points.filter(p => p !== point).map(p => Math.hypot(p.x - point.x, p.y - point.y)));
  return points.reduce((best, point) => room(point) > room(best) ? point : best);
}"""
# The face whose point the ring of a map is around.
RINGED = """plot => {
  const ring = plot.layout.shapes[0];
  for (const trace of plot.data) for (let i = 0; i < trace.x.length; i++)
    if (trace.x[i] === ring.xanchor && trace.y[i] === ring.yanchor) return trace.customdata[i][1];
}"""


def ringed(page: Page) -> list[str]:
    return [plot.evaluate(RINGED) for plot in page.locator("#maps .plot").all()]


def open_maps(visit: Visit) -> Page:
    page = visit("Latent space")
    expect(page.locator("#maps .plot .scatterlayer .point").first).to_be_visible()
    return page


def test_clicking_a_point_selects_its_face_on_both_maps(visit: Visit) -> None:
    page = open_maps(visit)
    left = page.locator("#maps .plot").first
    left.scroll_into_view_if_needed()
    place = left.evaluate(LONELIEST)
    page.mouse.click(place["x"], place["y"])
    expect(page.locator("#chosen")).to_contain_text(place["key"])
    assert ringed(page) == [place["key"], place["key"]]


def test_pointing_at_a_point_shows_its_face(visit: Visit) -> None:
    page = open_maps(visit)
    right = page.locator("#maps .plot").last
    right.scroll_into_view_if_needed()
    place = right.evaluate(LONELIEST)
    page.mouse.move(place["x"] - 3, place["y"])
    page.mouse.move(place["x"], place["y"])
    expect(page.locator("#maps .hover-face")).to_be_visible()


def test_a_neighbour_can_be_followed(visit: Visit) -> None:
    page = open_maps(visit)
    before = ringed(page)[0]
    page.locator("#by-expression button").first.click()
    expect(page.locator("#chosen")).not_to_contain_text(before)
    page.wait_for_timeout(300)
    first, second = ringed(page)
    assert first == second != before


def test_the_maps_can_be_coloured_by_person(visit: Visit) -> None:
    page = open_maps(visit)
    expect(page.locator("#maps .legendtext").first).to_have_text("angry")
    page.locator("#colour input").click()
    page.get_by_role("option", name="person").click()
    expect(page.locator("#maps .legendtext").first).not_to_have_text("angry")
