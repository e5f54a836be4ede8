"""A visitor looks through the bundled faces."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

COUNTS = "plot => Object.fromEntries(plot.data[0].y.map((name, i) => [name, plot.data[0].x[i]]))"


def counts(page: Page) -> dict[str, int]:
    page.locator("#balance .point").first.wait_for(state="attached")
    return page.locator("#balance .plot").evaluate(COUNTS)


def test_filtering_by_expression_changes_faces_count_and_chart(visit: Visit) -> None:
    page = visit("Dataset")
    everything = counts(page)
    assert len(everything) == 7
    page.locator("#expression input").click()
    page.get_by_role("option", name="happy").click()
    expect(page.locator("#count")).to_contain_text(f"{everything['happy']:,} faces")
    assert set(page.locator("#faces button").all_inner_texts()) == {"happy"}
    page.wait_for_timeout(300)
    assert counts(page) == {name: everything["happy"] if name == "happy" else 0 for name in everything}


def test_a_face_is_enlarged_with_all_its_labels(visit: Visit) -> None:
    page = visit("Dataset")
    page.locator("#faces button").nth(4).click()
    expect(page.locator("#faces button").nth(4)).to_have_attribute("aria-pressed", "true")
    words = (page.locator("#faces img").nth(4).get_attribute("alt") or "").split(", ")
    for word in words:
        expect(page.locator("#face")).to_contain_text(word)
    expect(page.locator("#face")).to_contain_text("yaw")


def test_pages_can_be_turned(visit: Visit) -> None:
    page = visit("Dataset")
    before = page.locator("#faces img").first.get_attribute("src")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 2 of")).to_be_visible()
    expect(page.locator("#faces img").first).not_to_have_attribute("src", before or "")
