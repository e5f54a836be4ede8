"""Wilson's interval, on values of his formula worked out by hand and at its ends."""

from __future__ import annotations

import pytest

from fer_demo.metrics.wilson import wilson_interval


def test_a_half_of_a_hundred_has_the_known_interval():
    assert wilson_interval(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_none_and_all_stay_inside_0_and_1_and_are_not_certain():
    low, high = wilson_interval(0, 10)
    assert low == 0
    assert high == pytest.approx(0.2775, abs=1e-4)
    assert wilson_interval(10, 10) == pytest.approx((1 - high, 1), abs=1e-9)
