"""The answer to a question goes home whole, or one sentence says why not."""

from __future__ import annotations

from types import SimpleNamespace

import pyarrow as pa
import pytest

from fer_demo.data.query import MOST_EXPORTED, RowQuery
from fer_demo.errors import DataError
from fer_demo.interface.tabs.dataset.questions import _take_home


@pytest.fixture
def exploration() -> SimpleNamespace:
    table = pa.table({"expression": ["happy", None, "=1+1"], "age": [10.5, 20.0, None]})
    return SimpleNamespace(query=RowQuery(table))


def test_every_row_is_there_and_no_cell_runs(exploration: SimpleNamespace) -> None:
    name, kind, content = _take_home("", exploration, "SELECT expression, age FROM faces")
    assert (name, kind) == ("answer.csv", "text/csv")
    assert content.decode().splitlines() == ["expression,age", "happy,10.5", ",20.0", "'=1+1,"]
    rows = _take_home("", exploration, "SELECT range FROM range(1000)")[2].decode().splitlines()
    assert (len(rows), rows[-1]) == (1001, "999")


def test_too_many_rows_are_refused_in_one_sentence(exploration: SimpleNamespace) -> None:
    with pytest.raises(DataError, match="ask for less"):
        _take_home("", exploration, f"SELECT range FROM range({MOST_EXPORTED + 1})")
