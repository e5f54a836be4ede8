"""Columns that were made to break a reader are shown or refused with a sentence, whatever field they pass for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_demo.data.opening import open_upload
from fer_demo.errors import FerDemoError
from fer_demo.inference.dataset.exploration import Exploration
from fer_demo.interface.tabs.dataset import browse, export, labels, opening, statistics
from tests.browser.conftest import png

ROWS = 4
CRAFTED: dict[str, pa.Array] = {
    "a year beyond 9999": pa.array([2**62] * ROWS, pa.timestamp("us")),
    "a day beyond 9999": pa.array([2**31 - 1] * ROWS, pa.date32()),
    "a time zone that nobody knows": pa.array([1] * ROWS, pa.timestamp("us", "Nowhere/None")),
    "years beyond 9999 in a list": pa.array([[2**62]] * ROWS, pa.list_(pa.timestamp("us"))),
    "a long time": pa.array([2**62] * ROWS, pa.duration("ns")),
    "three numbers that are none": pa.array([[float("nan")] * 3] * ROWS),
    "infinity": pa.array([float("inf")] * ROWS),
    "a struct in a struct": pa.array([{"a": {"b": {"c": 1}}}] * ROWS),
    "a map": pa.array([[("a", 1)]] * ROWS, pa.map_(pa.string(), pa.int64())),
    "a list of words": pa.array([["a", None]] * ROWS),
    "a large number": pa.array([2**64 - 1] * ROWS, pa.uint64()),
    "a large decimal": pa.array([10**30] * ROWS, pa.decimal128(38, 2)),
    "bytes": pa.array([b"\xff\xfe\x00"] * ROWS),
    "truth": pa.array([True] * ROWS),
    "nothing": pa.nulls(ROWS),
    "long text": pa.array(["x" * 100_000] * ROWS),
}
FIELDS = ("person", "split", "key", "label", "expression", "head_pose", "votes", "points", "units", "other")


def parquet(*columns: tuple[str, pa.Array], metadata: bytes | None = None) -> bytes:
    picture = png(np.full((32, 32), 100, np.uint8))
    named = [("image", pa.array([{"bytes": picture, "path": None}] * ROWS)), *columns]
    table = pa.Table.from_arrays([column for _, column in named], names=[name for name, _ in named])
    pq.write_table(
        table.replace_schema_metadata({b"huggingface": metadata} if metadata else None), buffer := io.BytesIO()
    )
    return buffer.getvalue()


def show_everything(content: bytes) -> Exploration:
    """As the tab does when a set is opened."""
    exploration = Exploration(open_upload("mine.parquet", content))
    for shown in pages(exploration):
        assert shown
    export.make(export.CLEAN, exploration, [])
    return exploration


def pages(exploration: Exploration) -> list[Any]:
    """What the parts of the tab show of a set."""
    browsed = browse.show(exploration, *browse.known(exploration, "all", "all"), 0)
    return [opening.show(exploration), browsed, statistics._show(exploration), labels.show(exploration)]


def markup(shown: Any) -> Iterator[str]:
    """The HTML in it; figures and menus show words as words."""
    if isinstance(shown, str):
        yield shown
    elif isinstance(shown, list | tuple):
        for part in shown:
            yield from markup(part)


@pytest.mark.parametrize("field", FIELDS)
def test_a_crafted_column_is_shown_or_refused(field: str) -> None:
    for column in CRAFTED.values():
        try:
            exploration = show_everything(parquet((field, column)))
        except FerDemoError:
            continue
        assert len(exploration.source) == ROWS


@pytest.mark.parametrize("field", FIELDS)
def test_no_word_of_a_set_becomes_markup(field: str) -> None:
    evil = "<script>alert(1)</script>"
    words = pa.array([f"{evil}{row}" for row in range(ROWS)])
    opened = open_upload(f"{evil}.parquet", parquet((field, words), (evil, words)))
    text = "".join(markup(pages(Exploration(opened))))
    assert "<script" not in text
    assert "&lt;script" in text


@pytest.mark.parametrize("name", ["label", "person", "split", "expression"])
def test_a_column_that_is_there_twice_costs_no_row(name: str) -> None:
    words = pa.array(["happy", "sad", "happy", "sad"])
    exploration = show_everything(parquet((name, words), (name, words)))
    assert len(exploration.source) == ROWS


@pytest.mark.parametrize(
    "metadata",
    [b"{", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"info": {"features": {"label": null}}}']
    + [
        b'{"info": {"features": {"label": {"names": %s}}}}' % names
        for names in (b"7", b"[1, null]", b'{"a": 1}', b'"ab"')
    ],
)
def test_damaged_class_names_are_left_out(metadata: bytes) -> None:
    exploration = show_everything(parquet(("label", pa.array([0, 1, 2, 3])), metadata=metadata))
    assert exploration.source.column("expression") == ["angry", "disgust", "fear", "happy"]
