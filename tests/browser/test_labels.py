"""A visitor opens a table whose labels are in doubt, sees a face of each, and says which column and which order."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from fer_demo.data.loading import load_bundled
from fer_demo.expressions import LABEL_ORDERS
from tests.browser.conftest import Visit, png


@pytest.fixture
def doubtful_table(tmp_path: Path) -> Path:
    """Fourteen bundled faces, numbered in AffectNet's order, beside a column of somebody's predictions."""
    source = load_bundled()
    labels = source.column("expression")
    order = LABEL_ORDERS["affectnet"]
    rows = [row for name in order[:7] for row in [one for one, label in enumerate(labels) if label == name][:2]]
    columns = {
        "image": [png(source.picture(row)) for row in rows],
        "label": [order.index(labels[row]) for row in rows],
        "predicted": ["happy"] * 7 + ["sad"] * 7,
    }
    path = tmp_path / "my-set.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def choose(page: Page, field: str, option: str) -> None:
    page.locator(f"{field} input").click()
    page.get_by_role("option", name=option).click()


@pytest.mark.parametrize("width", [1366, 390])
def test_the_order_of_numbers_is_seen_and_corrected(visit: Visit, doubtful_table: Path, width: int) -> None:
    page = visit("Dataset", width=width, height=844)
    page.get_by_role("button", name="Open another dataset").click()
    page.locator("#set-file input[type=file]").set_input_files(doubtful_table)
    panel = page.locator("#meanings")
    expect(panel).to_contain_text("One of its faces")
    expect(page.get_by_text("More than one column may hold its labels: “label” and “predicted”.")).to_be_visible()
    expect(panel.locator("tbody tr").first).to_contain_text("angry")
    expect(panel.locator("tbody img")).to_have_count(7)
    choose(page, "#number-order", "affectnet")
    expect(panel.locator("tbody tr").first).to_contain_text("neutral")
    choose(page, "#label-column", "predicted")
    expect(panel.locator("tbody tr")).to_have_count(2)
    expect(panel.locator("tbody tr").first).to_contain_text("happy7happy")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
