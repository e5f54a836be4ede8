"""The bars of leak probes: what is drawn where."""

from __future__ import annotations

import pytest

from fer_demo.figures.leakage import LeakBar, leak_bars, leak_height
from fer_demo.inference.leakage.wording import share

BARS = [LeakBar("expression code", 0.7, 0.65, 0.74, 0.02, True), LeakBar("raw pixels", -0.1, -0.2, 0.05, -0.3, False)]


def test_every_code_has_a_bar_an_interval_a_control_and_its_value() -> None:
    scores, controls, values = leak_bars(BARS, 0.25, is_class=True, share=share).data
    assert list(scores.y) == ["<b>expression code</b>", "raw pixels"]
    assert list(scores.x) == [0.7, 0.0]  # below nothing is drawn as nothing
    assert scores.error_x.array == pytest.approx((0.04, 0.05))
    assert scores.error_x.arrayminus == pytest.approx((0.05, 0.0))
    assert list(controls.x) == [0.02, 0.0]
    assert list(values.text) == ["70%", "0%"]
    assert "-10.0%" in scores.hovertext[1]


def test_a_dotted_line_stands_at_chance_and_says_so() -> None:
    figure = leak_bars(BARS, 1 / 70, is_class=True, share=share)
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 1 / 70
    assert figure.layout.annotations[0].text == "chance 1.4%"
    assert leak_bars(BARS, 0.0, is_class=False, share=share).layout.annotations[0].text == "chance 0%"


def test_more_codes_need_more_room() -> None:
    assert leak_height(7) > leak_height(2)
    assert leak_bars(BARS, 0.5, is_class=True, share=share).layout.height == leak_height(2)
