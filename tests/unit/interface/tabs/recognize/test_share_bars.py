"""The bars of an answer: their order, values, colours and outlines."""

from __future__ import annotations

import re

import numpy as np
import pytest

from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.figures.palette import EXPRESSION_COLOURS
from fer_demo.interface.tabs.recognize.share_bars import NO_BARS, share_bars

SHARES = np.array([0.1, 0, 0, 0.7, 0, 0.2, 0])


def rows(markup: str) -> list[str]:
    return re.findall("<li>.*?</li>", markup)


def test_every_row_has_its_value_its_colour_and_its_place() -> None:
    shown = rows(share_bars(BASIC, SHARES))
    for place, (name, share, row) in enumerate(zip(BASIC, SHARES, shown, strict=True)):
        assert f'data-pick="{place}"' in row
        assert f"<span>{name}</span>" in row
        assert f"width:{share:.1%};background:{EXPRESSION_COLOURS[name]}" in row
        assert f"<b>{share:.0%}</b>" in row
        assert ("class=most" in row) == (name == "happy")
        assert "<s " not in row


def test_peoples_votes_are_outlines_where_somebody_voted() -> None:
    shown = rows(share_bars(BASIC, np.full(7, 1 / 7), SHARES))
    outlines = [re.findall('<s style="width:(.*?)%"', row) for row in shown]
    assert outlines == [["10"], [], [], ["70"], [], ["20"], []]


def test_eight_classes_get_eight_rows_and_nothing_keeps_their_place() -> None:
    assert len(rows(share_bars(WITH_CONTEMPT, np.full(8, 0.125)))) == 8
    assert rows(NO_BARS) == []
    assert NO_BARS.partition(">")[0] == share_bars(WITH_CONTEMPT, np.full(8, 0.125)).partition(">")[0]


def test_votes_of_other_expressions_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        share_bars(BASIC, SHARES, SHARES[:6])
