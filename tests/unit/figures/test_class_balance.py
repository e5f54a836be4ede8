"""Class balance: the values, their order and their colours; the colours of all figures."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.expressions import WITH_CONTEMPT
from fer_demo.figures.class_balance import class_balance
from fer_demo.figures.palette import EXPRESSION_COLOURS, EXPRESSION_SYMBOLS, OTHER_COLOUR


def test_class_balance_keeps_the_order_and_greys_other_labels():
    (bars,) = class_balance({"happy": 30, "studio": 10}).data
    assert list(bars.y) == ["happy", "studio"]
    assert list(bars.x) == [30, 10]
    assert list(bars.customdata) == [0.75, 0.25]
    assert list(bars.marker.color) == [EXPRESSION_COLOURS["happy"], OTHER_COLOUR]


@pytest.mark.parametrize("counts", [{}, {"happy": 0}])
def test_class_balance_of_nothing_is_drawn(counts):
    assert list(class_balance(counts).data[0].x) == list(counts.values())


def test_it_has_no_background_of_its_own():
    drawn = class_balance({"sad": 1}).layout
    assert drawn.paper_bgcolor == drawn.plot_bgcolor == "rgba(0, 0, 0, 0)"


def luminance(colour: str) -> float:
    channels = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])  # WCAG 2.2, relative luminance


@pytest.mark.parametrize("expression", WITH_CONTEMPT)
def test_every_expression_has_a_mark_of_its_own_that_stands_out_in_light_and_dark(expression):
    level = luminance(EXPRESSION_COLOURS[expression])
    assert 1.05 / (level + 0.05) >= 3
    assert (level + 0.05) / 0.053 >= 3  # against #09090b
    assert len(set(EXPRESSION_COLOURS.values())) == len(set(EXPRESSION_SYMBOLS.values())) == len(WITH_CONTEMPT)
    assert tuple(EXPRESSION_COLOURS) == WITH_CONTEMPT
