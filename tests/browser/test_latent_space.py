"""A visitor walks through the two linked maps."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit

# Where on the screen the loneliest point of a map is, and which face it stands for.
LONELIEST = """plot => {
  const {xaxis, yaxis} = plot._fullLayout, frame = plot.getBoundingClientRect();
  const points = plot.data.flatMap(trace => Array.from(trace.x, (x, i) => ({
    x: frame.left + xaxis._offset + xaxis.l2p(x), y: frame.top + yaxis._offset + yaxis.l2p(trace.y[i]),
    row: trace.customdata[i],
  })));
  const room = point => Math.min(...points.filter(p => p !== point).map(p => Math.hypot(p.x - point.x, p.y - point.y)));
  return points.reduce((best, point) => room(point) > room(best) ? point : best);
}"""
# Where in the drawing area one is farthest from any face.
EMPTY = """plot => {
  const {xaxis, yaxis} = plot._fullLayout, frame = plot.getBoundingClientRect();
  const points = plot.data.flatMap(trace => Array.from(trace.x, (x, i) => [xaxis.l2p(x), yaxis.l2p(trace.y[i])]));
  let best = {room: 0};
  for (let x = 10; x < xaxis._length - 10; x += 12) for (let y = 50; y < yaxis._length - 10; y += 12) {
    const room = Math.min(...points.map(([a, b]) => Math.hypot(a - x, b - y)));
    if (room > best.room) best = {room, x: frame.left + xaxis._offset + x, y: frame.top + yaxis._offset + y};
  }
  return best;
}"""

# Tools and legend entries of the maps that lie under the full-screen button.
COVERED_BY_ZOOM = """() => {
  const box = document.querySelector('#maps .plots > .zoom').getBoundingClientRect();
  return [...document.querySelectorAll('#maps .modebar-btn, #maps .legend .traces')].filter(one => {
    const other = one.getBoundingClientRect();
    return other.left < box.right && other.right > box.left && other.top < box.bottom && other.bottom > box.top;
  }).map(one => one.textContent || one.dataset.title);
}"""


def plots(page: Page) -> list[Locator]:
    return page.locator("#maps .plot").all()


def marks(page: Page, name: str) -> list[str]:
    """What the two maps say is chosen, selected or placed on them."""
    return [plot.get_attribute(f"data-{name}") or "" for plot in plots(page)]


def open_maps(visit: Visit) -> Page:
    page = visit("Latent space")
    for plot in plots(page):
        expect(plot).to_have_attribute("data-selected", "0")
    return page


def choose_colour(page: Page, name: str) -> None:
    page.locator("#colour input").click()
    page.get_by_role("option", name=name, exact=True).click()


def draw_around_the_middle(page: Page, plot: Locator) -> None:
    plot.scroll_into_view_if_needed()
    frame = plot.bounding_box()
    assert frame is not None
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] * 0.45
    page.mouse.move(x - 80, y - 80)
    page.mouse.down()
    for across, down in ((80, -80), (80, 80), (-80, 80), (-80, -80)):
        page.mouse.move(x + across, y + down, steps=4)
    page.mouse.up()


def test_faces_lassoed_on_one_map_are_found_on_the_other_and_coloured_by_person(visit: Visit) -> None:
    page = open_maps(visit)
    draw_around_the_middle(page, plots(page)[0])
    expect(page.locator("#selection")).to_contain_text("of 1,960 faces")
    left, right = marks(page, "selected")
    assert left == right != "0"
    expect(page.locator("#selection")).to_contain_text(f"{int(left):,} of")
    expect(page.locator("#gallery button")).to_have_count(min(int(left), 60))
    choose_colour(page, "person")
    expect(page.locator("#maps .legendtext").first).not_to_have_text("angry")
    assert marks(page, "selected") == [left, right]
    page.mouse.move(5, 5)
    expect(page.locator("#maps .hover-face")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").last.click()
    assert len(download.value.path().read_text().splitlines()) == 1 + int(left)
    page.locator("#clear-selection").click()
    expect(plots(page)[1]).to_have_attribute("data-selected", "0")


def test_a_selection_survives_another_method_pair_and_colour(visit: Visit) -> None:
    page = open_maps(visit)
    draw_around_the_middle(page, plots(page)[0])
    expect(page.locator("#selection")).to_contain_text("of 1,960 faces")
    left, right = marks(page, "selected")
    assert left == right != "0"
    said = page.locator("#selection").inner_text()
    before = page.locator("#map-trust").inner_text()
    for change, words in (
        ("PCA", "PCA map"),
        ("Pixels and plain classifier", "raw pixels"),
        ("t-SNE", "t-SNE map"),
        ("Identity and expression", "identity"),
    ):
        page.get_by_role("radio", name=change, exact=True).click()
        expect(page.locator("#map-trust")).not_to_have_text(before)
        expect(page.locator("#map-trust")).to_contain_text(words)
        before = page.locator("#map-trust").inner_text()
        expect(plots(page)[1]).to_have_attribute("data-selected", right)
    choose_colour(page, "person")
    expect(page.locator("#maps .legendtext").first).not_to_have_text("angry")
    choose_colour(page, "expression")  # an outline that was taken away with the first would be reported by now
    expect(page.locator("#maps .legendtext").first).to_have_text("angry")
    assert marks(page, "selected") == [left, right]
    assert page.locator("#selection").inner_text() == said


def test_faces_lassoed_on_the_left_are_seen_on_the_right_coloured_by_person_and_probed(visit: Visit) -> None:
    page = open_maps(visit)
    draw_around_the_middle(page, plots(page)[0])
    expect(page.locator("#selection")).to_contain_text("of 1,960 faces")
    left, right = marks(page, "selected")
    assert left == right != "0"
    choose_colour(page, "person")
    expect(page.locator("#maps .legendtext").first).not_to_have_text("angry")
    page.locator("#probe-selection").click()
    expect(page.get_by_role("tab", name="Leakage")).to_have_attribute("aria-selected", "true")
    probed = f"{int(left):,} of 1,960 faces (selected on the maps)"
    expect(page.locator("#leak-sentence")).to_contain_text(f"Tested on {probed}")
    expect(page.locator("#probe-faces input")).to_have_value(f"selected on the maps ({int(left):,})")
    expect(page.locator("#leaks .barlayer .point").first).to_be_visible()


def test_a_selection_of_one_person_cannot_be_probed_for_the_person_and_says_so(visit: Visit) -> None:
    page = open_maps(visit)
    page.locator("#probe-selection").click()
    expect(page.get_by_text("No faces are selected; draw around some on a map first.")).to_be_visible()
    page.locator("#find-person input").click()
    page.get_by_role("option").first.click()
    expect(plots(page)[1]).to_have_attribute("data-selected", "28")
    page.locator("#probe-selection").click()
    expect(page.get_by_text("The person of all these faces is the same")).to_be_visible()
    expect(page.locator("#leak-sentence")).to_contain_text("Tested on all faces, of 70 people")


def test_on_a_phone_what_is_known_of_a_face_stands_below_its_picture_and_is_not_cut_off(visit: Visit) -> None:
    page = visit("Latent space", width=390)
    picture, facts = (page.locator(f"#chosen .{name}").bounding_box() for name in ("picture", "facts"))
    assert picture is not None
    assert facts is not None
    assert facts["y"] >= picture["y"] + picture["height"]
    assert facts["width"] > 280
    assert page.locator("#chosen .facts").evaluate("facts => facts.scrollHeight <= facts.clientHeight + 1")
    for near in page.locator("#by-left img, #by-right img").all():  # those that are out of sight are not loaded yet
        assert near.evaluate("image => [image.clientWidth, image.clientHeight]") == [52, 52]
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_same_face_lands_on_the_same_spot_twice(visit: Visit, photo_of_two: bytes) -> None:
    page = open_maps(visit)
    upload = page.locator("#own-face input[type=file]")
    spots = []
    for _ in range(2):
        before = marks(page, "placed")[0]
        upload.set_input_files({"name": "face.png", "mimeType": "image/png", "buffer": photo_of_two})
        expect(plots(page)[0]).not_to_have_attribute("data-placed", before)
        spots.append(marks(page, "placed"))
        page.locator("#own-face .thumbs button").nth(1).click()  # another face in between
        expect(plots(page)[0]).not_to_have_attribute("data-placed", spots[-1][0])
    expect(page.locator("#placed")).to_contain_text("Most like")
    assert spots[0] == spots[1]
    assert all(spots[0])


def test_clicking_a_point_chooses_its_face_on_both_maps(visit: Visit) -> None:
    page = open_maps(visit)
    left = plots(page)[0]
    left.scroll_into_view_if_needed()
    place = left.evaluate(LONELIEST)
    page.mouse.click(place["x"], place["y"])
    expect(plots(page)[1]).to_have_attribute("data-chosen", str(place["row"]))
    assert marks(page, "chosen") == [str(place["row"])] * 2


def test_an_empty_place_is_decoded_and_marked_as_synthetic(visit: Visit) -> None:
    page = open_maps(visit)
    left = plots(page)[0]
    left.scroll_into_view_if_needed()
    place = left.evaluate(EMPTY)
    page.mouse.click(place["x"], place["y"])
    expect(page.locator("#chosen")).to_contain_text("synthetic")
    expect(page.locator("#chosen")).to_contain_text("how unusual")


def test_pointing_at_a_point_shows_its_face(visit: Visit) -> None:
    page = open_maps(visit)
    right = plots(page)[1]
    right.scroll_into_view_if_needed()
    place = right.evaluate(LONELIEST)
    page.mouse.move(place["x"] - 3, place["y"])
    page.mouse.move(place["x"], place["y"])
    expect(page.locator("#maps .hover-face")).to_be_visible()


def test_a_neighbour_can_be_followed_and_a_person_found(visit: Visit) -> None:
    page = open_maps(visit)
    before = marks(page, "chosen")[0]
    page.locator("#by-right button").first.click()
    expect(plots(page)[0]).not_to_have_attribute("data-chosen", before)
    page.locator("#find-person input").click()
    page.get_by_role("option").first.click()
    expect(plots(page)[1]).to_have_attribute("data-selected", "28")


def test_the_baselines_and_other_maps_are_one_click_away(visit: Visit) -> None:
    page = open_maps(visit)
    page.locator("#pair").get_by_text("Pixels and plain classifier").click()
    expect(page.locator("#map-trust")).to_contain_text("raw pixels")
    page.locator("#method").get_by_text("PCA").click()
    expect(page.locator("#map-trust")).to_contain_text("PCA map")


def test_a_link_brings_maps_colour_and_person_back(visit: Visit) -> None:
    page = open_maps(visit)
    page.get_by_role("radio", name="PCA", exact=True).click()
    choose_colour(page, "person")
    page.locator("#find-person input").click()
    page.get_by_role("option").first.click()
    page.wait_for_url("**method=pca&colour=person**person=**")
    page.reload()
    for plot in plots(page):
        expect(plot).to_have_attribute("data-selected", "28")
    expect(page.get_by_role("radio", name="PCA", exact=True)).to_be_checked()
    expect(page.locator("#colour input")).to_have_value("person")
    expect(page.locator("#map-trust")).to_contain_text("PCA map")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_full_screen_button_covers_neither_tools_nor_names(visit: Visit, width: int, height: int) -> None:
    page = visit("Latent space", width=width, height=height)
    expect(page.locator("#maps .modebar-btn").first).to_be_visible()
    covered = page.evaluate(COVERED_BY_ZOOM)
    assert covered == []


def test_faces_are_reached_and_chosen_by_keyboard_with_a_ring_around_the_map_also_without_colours(visit: Visit) -> None:
    page = open_maps(visit)
    page.emulate_media(forced_colors="active")
    left, right = plots(page)
    before, said = marks(page, "chosen"), page.locator("#maps .map-said")
    left.focus()
    expect(left).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text(re.compile(r"^\w+$"))
    expect(page.locator("#maps .hover-face")).to_be_visible()
    assert left.evaluate("part => getComputedStyle(part).outline").endswith("solid 3px")
    page.keyboard.press("Enter")
    expect(left).not_to_have_attribute("data-chosen", before[0])
    chosen = left.get_attribute("data-chosen")
    expect(right).to_have_attribute("data-chosen", str(chosen))
    expect(page.locator("#chosen")).to_contain_text(said.inner_text())
    page.keyboard.press("Escape")
    expect(page.locator("#maps .hover-face")).to_be_hidden()
