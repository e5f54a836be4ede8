"""Take the picture of the Transfer tab that the README shows, from the running app: light, rendered faces only."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

LARGEST = 300_000  # bytes of the PNG
WIDTH, HEIGHT = 1366, 925
SIDES = 105  # pixels of empty page cut off left and right
STILL = 3000  # milliseconds


def settled(page: Page) -> bytes:
    """The page when nothing on it changes any more: passing time shows as long as something is computed."""
    before, after = b"", page.screenshot()
    while after != before:
        page.wait_for_timeout(STILL)
        before, after = after, page.screenshot()
    return after


def transfer_tab(page: Page, address: str) -> bytes:
    """A smiling face that is asked for surprise, with the strip from one to the other."""
    page.goto(f"{address}/?__theme=light")
    page.get_by_role("tab", name="Transfer", exact=True).click()
    page.locator("#strip li").nth(10).wait_for()
    settled(page)
    page.locator("button.thumb:visible").nth(3).click()
    settled(page)
    page.get_by_label("surprise", exact=True).first.check()
    page.mouse.move(2, 2)
    page.get_by_text("Read as surprise").wait_for()
    return settled(page)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="where the app answers: http://127.0.0.1:7860")
    parser.add_argument("--chromium", default="chromium", help="path of the browser")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures/transfer.png"))
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        picture = Image.open(io.BytesIO(transfer_tab(page, options.address))).convert("RGB")
        browser.close()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    shown = picture.crop((SIDES, 0, WIDTH - SIDES, HEIGHT))
    shown.quantize(256, kmeans=4, dither=Image.Dither.FLOYDSTEINBERG).save(options.out, optimize=True)
    size = options.out.stat().st_size
    print(f"{options.out}: {size:,} bytes{'' if size <= LARGEST else ', too large'}")


if __name__ == "__main__":
    main()
