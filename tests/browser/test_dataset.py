"""A visitor looks through the bundled faces, asks questions about them, and cleans a set of their own."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from fer_demo.data.loading import load_bundled
from tests.browser.conftest import Visit, png

COUNTS = "plot => Object.fromEntries(plot.data[0].y.map((name, i) => [name, plot.data[0].x[i]]))"


def counts(page: Page) -> dict[str, int]:
    page.locator("#balance .point").first.wait_for(state="attached")
    return page.locator("#balance .plot").evaluate(COUNTS)


def part(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def test_filtering_by_expression_changes_faces_count_and_chart(visit: Visit) -> None:
    page = visit("Dataset")
    everything = counts(page)
    assert len(everything) == 7
    page.locator("#expression input").click()
    page.get_by_role("option", name="happy").click()
    expect(page.locator("#count")).to_contain_text(f"{everything['happy']:,} faces")
    expect(page.locator("#faces button").filter(has_not_text="happy")).to_have_count(0)
    happy = {name: everything["happy"] if name == "happy" else 0 for name in everything}
    drawn = "document.querySelector('#balance .plot')"
    same = f"{drawn}?.data && JSON.stringify(({COUNTS})({drawn})) === JSON.stringify(happy)"
    page.wait_for_function(f"happy => {same}", arg=happy)


def test_a_link_brings_part_and_choice_back(visit: Visit) -> None:
    page = visit("Dataset")
    page.locator("#expression input").click()
    page.get_by_role("option", name="happy").click()
    page.wait_for_url("**expression=happy**")
    part(page, "Statistics")
    page.wait_for_url("**part=statistics**expression=happy**")
    page.reload()
    expect(page.get_by_role("tab", name="Statistics", exact=True)).to_have_attribute("aria-selected", "true")
    part(page, "Browse")
    expect(page.locator("#expression input")).to_have_value("happy")
    assert set(page.locator("#faces button").all_inner_texts()) == {"happy"}


def test_a_face_is_enlarged_with_all_its_labels(visit: Visit) -> None:
    page = visit("Dataset")
    page.locator("#faces button").nth(4).click()
    expect(page.locator("#faces button").nth(4)).to_have_attribute("aria-pressed", "true")
    words = (page.locator("#faces img").nth(4).get_attribute("alt") or "").split(", ")
    for word in words:
        expect(page.locator("#face")).to_contain_text(word)
    expect(page.locator("#face")).to_contain_text("turned")


def test_pages_can_be_turned(visit: Visit) -> None:
    page = visit("Dataset")
    before = page.locator("#faces img").first.get_attribute("src")
    page.get_by_role("button", name="Next").first.click()
    expect(page.get_by_text("Page 2 of")).to_be_visible()
    expect(page.locator("#faces img").first).not_to_have_attribute("src", before or "")


def test_a_query_chooses_faces_and_a_harmful_one_is_refused(visit: Visit) -> None:
    page = visit("Dataset")
    part(page, "Query")
    page.locator("#sql textarea").fill("DROP TABLE faces")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Only SELECT is allowed here")).to_be_visible()
    page.locator("#sql textarea").fill("SELECT face FROM faces WHERE expression = 'sad' AND glasses LIMIT 9")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#query-answer")).to_contain_text("9 faces are chosen")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download answer (CSV)").click()
    assert len(Path(waiting.value.path()).read_text().splitlines()) == 10
    part(page, "Browse")
    expect(page.locator("#count")).to_contain_text("9 faces")
    expect(page.locator("#faces button")).to_have_count(9)


@pytest.fixture
def folder_with_copies(tmp_path: Path) -> Path:
    """A ZIP of 14 bundled faces in two splits, with two exact copies across them, one darker copy and one even area."""
    source = load_bundled()
    path = tmp_path / "my-faces.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for place, row in enumerate(range(0, 28, 2)):
            split, label = "test" if place % 4 == 0 else "train", source.column("expression")[row]
            archive.writestr(f"{split}/{label}/{row}.png", png(source.picture(row)))
        for row in (0, 8):
            archive.writestr(f"train/{source.column('expression')[row]}/again-{row}.png", png(source.picture(row)))
        darker = (source.picture(4) * 0.8).astype(np.uint8)
        archive.writestr(f"train/{source.column('expression')[4]}/darker.png", png(darker))
        archive.writestr("train/sad/blank.png", png(np.full((64, 64, 3), 90, np.uint8)))
        archive.writestr("train/sad/broken.png", b"no picture")
    return path


def test_a_folder_is_opened_its_copies_found_and_a_clean_split_exported(visit: Visit, folder_with_copies: Path) -> None:
    page = visit("Dataset")
    page.get_by_role("button", name="Open another dataset").click()
    page.locator("#set-file input[type=file]").set_input_files(folder_with_copies)
    expect(page.locator("#opened")).to_contain_text("19 pictures")
    expect(page.locator("#opened")).to_contain_text("my-faces")
    page.get_by_role("button", name="Check the pictures").click()
    expect(page.locator("#check-pictures")).to_contain_text("19 of 19 pictures")
    part(page, "Problems")
    expect(page.get_by_role("row", name="copy 3 the picture is a copy")).to_be_visible()
    expect(page.locator("#problem-faces button")).to_have_count(6)
    part(page, "Export")
    expect(page.locator("#kept")).to_contain_text("14 of 19 faces stay")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download clean set (Parquet)").click()
    table = pq.read_table(download.value.path())
    assert table.num_rows == 14
    assert not [key for key in table["key"].to_pylist() if "again" in key or "blank" in key or "broken" in key]
    first = Image.open(io.BytesIO(table["image"][0].as_py()["bytes"]))
    assert first.size == (128, 128)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download reasons (CSV)").click()
    reasons = Path(download.value.path()).read_text()
    assert reasons.count("\n") == 1 + 5
    assert "the same pixels as test/" in reasons
