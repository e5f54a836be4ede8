"""What a visitor finds on every tab: the plain truth about it, light and dark, and room on a phone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit

HAS_NAME = """e =>
  !!(e.alt || e.title || e.ariaLabel || e.innerText.trim() || e.querySelector('img[alt]:not([alt=""])'))"""
# Texts that stand out too little from what is behind them (WCAG 2.2, 1.4.3: 4.5 to 1, or 3 to 1 for large ones).
FAINT = """() => {
  const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = part => {
    for (; part; part = part.parentElement) {
      const colour = rgb(getComputedStyle(part).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const words = part => [...part.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  const faint = part => {
    const style = getComputedStyle(part), size = parseFloat(style.fontSize);
    const [a, b] = [light(rgb(part.closest('svg') ? style.fill : style.color)), light(behind(part))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05) < (size >= 24 || (size >= 18.6 && style.fontWeight >= 700) ? 3 : 4.5);
  };
  return [...document.querySelectorAll('body *')].filter(part => part.checkVisibility({visibilityProperty: true}) && words(part) && faint(part))
    .map(part => part.outerHTML.slice(0, 160));
}"""
TABS = ("Recognize", "Transfer", "Latent space", "Dataset", "About")


def test_about_says_what_not_to_conclude(visit: Visit) -> None:
    page = visit("About")
    expect(page.get_by_text("not the emotion that a person feels")).to_be_visible()
    expect(page.get_by_role("heading", name="Models")).to_be_visible()
    expect(page.get_by_role("heading", name="TDGAN")).to_be_visible()


def test_nothing_is_wider_than_a_phone(visit: Visit) -> None:
    page = visit("Recognize", width=390, height=844)
    for tab in TABS:
        page.get_by_role("tab", name=tab, exact=True).click()
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab


def test_every_text_can_be_read_in_light_and_in_dark(visit: Visit) -> None:
    for theme, background in (("light", "rgb(246, 247, 248)"), ("dark", "rgb(18, 23, 28)")):
        page = visit("Recognize", theme=theme)
        expect(page.locator(".gradio-container")).to_have_css("background-color", background)
        for tab in TABS:
            page.get_by_role("tab", name=tab, exact=True).click()
            page.wait_for_timeout(500)
            assert page.evaluate(FAINT) == [], (theme, tab)


def test_every_picture_and_button_has_a_name(visit: Visit) -> None:
    page = visit("Recognize")
    for tab in TABS:
        page.get_by_role("tab", name=tab, exact=True).click()
        page.wait_for_timeout(300)
        parts = page.locator("img:visible, button:visible").all()
        nameless = [part.evaluate("e => e.outerHTML.slice(0, 200)") for part in parts if not part.evaluate(HAS_NAME)]
        assert not nameless, tab
