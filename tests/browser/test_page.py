"""What a visitor finds on every tab: the plain truth about it, light and dark, and room on a phone."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import Visit

NAMELESS = """parts => parts
  .filter(e => !(e.alt || e.title || e.ariaLabel || e.innerText.trim() || e.querySelector('img[alt]:not([alt=""])')))
  .map(e => e.outerHTML.slice(0, 200))"""
# No colour is on its way to another one; a wheel that turns for ever does not count.
STILL = "document.getAnimations().every(one => one instanceof CSSAnimation || one.playState !== 'running')"
FAINT = (Path(__file__).parent / "faint.js").read_text()
# The end of the stream of answers arrives late, as it may on a slow connection or in a busy browser; and the page keeps
# which events were sent and which were answered.
LATE = """() => {
  const quick = window.fetch, decoder = new TextDecoder();
  Object.assign(window, {asked: [], answered: ''});
  window.fetch = async (to, options) => {
    const answer = await quick(to, options), url = String(to.url ?? to);
    if (url.includes('/queue/join')) asked.push((await answer.clone().json()).event_id);
    if (!url.includes('/queue/data')) return answer;
    const late = async (piece, out) => {
      const text = decoder.decode(piece);
      if (text.includes('close_stream')) await new Promise((done) => setTimeout(done, 1500));
      for (const line of text.split('\\n')) if (line.includes('process_completed')) answered += line;
      out.enqueue(piece);
    };
    return new Response(answer.body.pipeThrough(new TransformStream({transform: late})), answer);
  };
}"""
TABS = {  # and what is drawn last on each
    "Recognize": "#bars li",
    "Explain": "#explained figure img",
    "Transfer": "#result img",
    "Latent space": "#maps .modebar-btn",
    "Leakage": "#leaks .barlayer .point",
    "Dataset": "#faces img",
    "About": "#tab-about h3",
}


def open_tab(page: Page, tab: str) -> None:
    page.get_by_role("tab", name=tab, exact=True).click()
    expect(page.locator(TABS[tab]).first).to_be_visible()


def test_about_says_what_not_to_conclude(visit: Visit) -> None:
    page = visit("About")
    expect(page.get_by_text("not the emotion that a person feels")).to_be_visible()
    expect(page.get_by_role("heading", name="Models")).to_be_visible()
    expect(page.get_by_role("heading", name="TDGAN", exact=True)).to_be_visible()


def test_nothing_is_wider_than_a_phone(visit: Visit) -> None:
    page = visit("Recognize", width=390, height=844)
    for tab in TABS:
        open_tab(page, tab)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab


def test_every_text_can_be_read_in_light_and_in_dark(visit: Visit) -> None:
    for theme, background in (("light", "rgb(246, 247, 248)"), ("dark", "rgb(18, 23, 28)")):
        page = visit("Recognize", theme=theme)
        expect(page.locator("body")).to_have_css("background-color", background)
        for tab in TABS:
            open_tab(page, tab)
            page.wait_for_function(STILL)
            assert page.evaluate(FAINT) == [], (theme, tab)


def test_every_picture_and_button_has_a_name(visit: Visit) -> None:
    page = visit("Recognize")
    for tab in TABS:
        open_tab(page, tab)
        assert page.locator("img:visible, button:visible").evaluate_all(NAMELESS) == [], tab


def test_headings_go_down_by_one_level_at_a_time(visit: Visit) -> None:
    page = visit("Recognize")
    for tab in TABS:
        open_tab(page, tab)
        expect(page.get_by_role("heading", level=2, name=tab, exact=True)).to_have_count(1)
        headings = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
            "all => all.filter(one => one.checkVisibility()).map(one => [+one.tagName[1], one.innerText])"
        )
        levels = [0, *(level for level, _ in headings)]
        assert all(below - above <= 1 for above, below in itertools.pairwise(levels)), (tab, headings)


def test_arrow_keys_move_among_options_and_tabs_and_without_colours_lines_say_what_is_chosen(visit: Visit) -> None:
    page = visit("Recognize")
    page.emulate_media(forced_colors="active")
    photo, many = (page.locator(f"#way input[value={value}]") for value in ("photo", "batch"))
    tabs = [page.get_by_role("tab", name=name, exact=True) for name in ("Recognize", "Explain")]
    line = "part => parseInt(getComputedStyle(part).outlineStyle === 'none' ? 0 : getComputedStyle(part).outlineWidth)"
    assert [tab.evaluate(line) for tab in tabs] == [3, 0]
    assert [option.locator("..").evaluate(line) for option in (photo, many)] == [3, 0]
    photo.focus()
    page.keyboard.press("ArrowLeft")  # from the first to the last
    expect(many).to_be_checked()
    expect(many).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(photo).to_be_checked()
    tabs[0].focus()
    page.keyboard.press("ArrowRight")
    expect(tabs[1]).to_have_attribute("aria-selected", "true")
    expect(tabs[1]).to_be_focused()


def test_every_tab_has_its_own_address_that_a_reload_and_the_way_back_lead_to(visit: Visit) -> None:
    page = visit("Recognize")
    for tab in list(TABS)[1:]:
        page.get_by_role("tab", name=tab, exact=True).click()
        expect(page).to_have_url(re.compile(f"[?&]tab={tab.lower().replace(' ', '_')}(&|$)"))
    page.reload()
    expect(page.get_by_role("tab", name="About", exact=True)).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.get_by_role("tab", name="Dataset", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile("__theme=light"))


def test_the_fifth_open_tab_says_that_browsers_let_a_sixth_wait(visit: Visit) -> None:
    pages = [visit("About") for _ in range(5)]
    expect(pages[4].locator(".many-tabs")).to_contain_text("This page is open in 5 tabs")
    expect(pages[3].locator(".many-tabs")).to_be_hidden()


@pytest.mark.parametrize(("theme", "width"), [("light", 1366), ("dark", 390)])
def test_a_technical_term_says_what_it_means(visit: Visit, theme: str, width: int) -> None:
    page = visit("Transfer", theme, width, 768)
    term, meaning = page.locator("#result .term", has_text="Identity distance"), page.locator(".meaning")
    expect(meaning).to_be_hidden()
    term.focus()
    expect(meaning).to_contain_text("How far apart two pictures are")
    box = meaning.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    term.hover()
    expect(meaning).to_be_visible()
    page.mouse.move(5, 5)
    term.blur()
    expect(meaning).to_be_hidden()


def test_no_click_is_lost_while_the_stream_of_answers_closes(address: str, browser: BrowserContext) -> None:
    page = browser.new_page()
    page.add_init_script(f"({LATE})()")
    page.goto(address)
    expect(page.locator("#bars li")).to_have_count(8)
    for example in (0, 1):
        page.get_by_role("group", name="Photo: examples").get_by_role("button").nth(example).click()
        page.wait_for_function("count => asked.length >= count", arg=2 * example + 2)
    page.wait_for_function("asked.every((event) => answered.includes(event))")
    page.close()


def test_a_link_opens_its_part_of_a_tab_before_the_server_has_said_anything(
    address: str, browser: BrowserContext
) -> None:
    page = browser.new_page()
    page.route("**/queue/join*", lambda route: None)  # no event is ever answered
    page.goto(f"{address}/?tab=dataset&part=problems")
    expect(page.locator("#problems")).to_be_visible()
    page.close()


@pytest.mark.parametrize("tab", ["Explain", "Transfer"])
def test_an_example_on_its_way_has_its_place_and_nothing_jumps_when_it_comes(
    tab: str, address: str, browser: BrowserContext
) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address)
    expect(page.locator("#bars li")).to_have_count(8)
    waiting: list[Route] = []
    page.route("**/queue/join*", lambda route: waiting.append(route))
    page.get_by_role("tab", name=tab, exact=True).click()
    expect(page.locator(".blank:visible").first).to_be_attached()
    page.wait_for_function(STILL)
    foot = page.locator("footer.bottom")
    before = foot.bounding_box()
    for one in waiting:
        one.continue_()
    page.unroute("**/queue/join*")
    expect(page.locator(TABS[tab]).first).to_be_visible()
    expect(page.locator(".blank:visible")).to_have_count(0)
    after = foot.bounding_box()
    page.close()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) <= 8
