"""A visitor asks what each code of a model gives away."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

# The title and the length of every bar, and where the line at chance is.
BARS = "plot => Object.fromEntries(plot.data[0].y.map((name, i) => [name.replace(/<.?b>/g, ''), plot.data[0].x[i]]))"
CHANCE = "plot => plot.layout.shapes[0].x0"


def open_probes(visit: Visit) -> Page:
    page = visit("Leakage")
    expect(page.locator("#leaks .barlayer .point").first).to_be_visible()
    return page


def bars(page: Page) -> dict[str, float]:
    page.locator("#leaks .barlayer .point").first.wait_for(state="attached")
    return page.locator("#leaks .plot").evaluate(BARS)


def wait_for_other(page: Page, before: dict[str, float]) -> dict[str, float]:
    """The bars once they are not what they were."""
    drawn = "document.querySelector('#leaks .plot')"
    other = f"{drawn}?.data && JSON.stringify(({BARS})({drawn})) !== JSON.stringify(before)"
    page.wait_for_function(f"before => {other}", arg=before)
    return bars(page)


def choose(page: Page, field: str, option: str) -> None:
    page.locator(f"{field} input").first.click()
    page.get_by_role("option", name=option, exact=True).click()


def test_both_codes_are_probed_for_the_person_and_the_slider_changes_the_bars(visit: Visit) -> None:
    page = open_probes(visit)
    arrival = bars(page)
    chance = page.locator("#leaks .plot").evaluate(CHANCE)
    assert chance == 1 / 70 or abs(chance - 1 / 70) < 1e-3
    assert arrival["identity code"] > chance
    assert arrival["expression code"] > chance
    expect(page.locator("#leak-sentence")).to_contain_text("the probe guesses the person right in")
    expect(page.locator("#leaks .annotation-text")).to_contain_text("chance 1.4%")
    slider = page.locator("#probe-dims input[type=number]")
    slider.fill("2")
    slider.press("Enter")
    slider.blur()
    fewer = wait_for_other(page, arrival)
    assert fewer["expression code"] < arrival["expression code"]
    assert fewer["identity code"] < arrival["identity code"]


def test_another_label_has_another_sentence_and_what_cannot_be_told_is_said(visit: Visit) -> None:
    page = open_probes(visit)
    before = bars(page)
    choose(page, "#probe-target", "head turn")
    wait_for_other(page, before)
    expect(page.locator("#leak-sentence")).to_contain_text("of the differences in the head's turn to a side")
    choose(page, "#probe-faces", "neutral faces")
    choose(page, "#probe-target", "expression")
    expect(page.get_by_text("The expression of all these faces is the same")).to_be_visible()


def test_the_measured_metrics_stand_below(visit: Visit) -> None:
    page = open_probes(visit)
    table = page.locator("#disentanglement table")
    for name in ("MIG", "SAP", "IRS", "modularity", "FactorVAE score"):
        expect(table.get_by_role("columnheader", name=name)).to_be_visible()
    expect(table.get_by_role("rowheader", name="random numbers")).to_be_visible()


def test_a_link_brings_the_settings_back(visit: Visit) -> None:
    page = open_probes(visit)
    before = bars(page)
    choose(page, "#probe-target", "head turn")
    turned = wait_for_other(page, before)
    page.wait_for_url("**guess=head+turn**")  # an address other than the one under which the bars were drawn
    clips = page.locator("#leaks [clip-path]").evaluate_all("all => all.map(one => one.getAttribute('clip-path'))")
    assert clips
    assert all(clip.startswith("url(#") for clip in clips)  # or else nothing of the bars is painted
    page.reload()
    expect(page.locator("#probe-target input")).to_have_value("head turn")
    expect(page.locator("#leak-sentence")).to_contain_text("the head's turn")
    assert wait_for_other(page, before) == turned


def test_a_technical_term_says_what_it_means(visit: Visit) -> None:
    page = open_probes(visit)
    page.locator("#tab-leakage .term", has_text="shuffled labels").hover()
    expect(page.locator(".meaning")).to_contain_text("dealt out at random")
