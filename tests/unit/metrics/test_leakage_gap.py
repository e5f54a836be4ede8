"""Leakage and its gap, by hand."""

from __future__ import annotations

import pytest

from fer_demo.metrics.leakage_gap import leakage, leakage_gap


def test_leakage_is_nothing_at_the_floor_and_one_when_all_is_told() -> None:
    assert leakage(0.25, 0.25) == 0
    assert leakage(1.0, 0.25) == 1
    assert leakage(0.5, 0.2) == pytest.approx(0.375)
    assert leakage(0.1, 0.2) == pytest.approx(-0.125)


def test_where_the_floor_is_always_right_nothing_can_leak() -> None:
    assert leakage(1.0, 1.0) == 0


def test_the_gap_is_one_between_all_and_nothing_and_none_between_equals() -> None:
    assert leakage_gap(1.0, 0.1, chance=0.1) == 1
    assert leakage_gap(0.6, 0.6, chance=0.1) == 0
    assert leakage_gap(0.55, 0.325, chance=0.1) == pytest.approx(0.25)
    assert leakage_gap(0.1, 1.0, chance=0.1) == -1
