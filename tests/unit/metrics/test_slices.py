"""Accuracy by groups: known shares, honest intervals, small groups hidden."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.slices import difference_interval, groups_of, slice_errors


def test_the_worst_group_comes_first_with_its_share_and_interval() -> None:
    correct = np.array([True] * 90 + [False] * 10 + [True] * 20 + [False] * 80)
    report = slice_errors(correct, {"hat": ["no"] * 100 + ["yes"] * 100})
    assert [(one.group, one.count, one.accuracy, one.differs) for one in report.slices] == [
        ("yes", 100, pytest.approx(0.2), True),
        ("no", 100, pytest.approx(0.9), True),
    ]
    assert report.whole is not None
    assert report.whole.accuracy == pytest.approx(0.55)
    # 1.96 standard errors of a share of 0.2 among 100 are 0.078.
    assert report.slices[0].low == pytest.approx(0.122, abs=0.015)
    assert report.slices[0].high == pytest.approx(0.278, abs=0.015)


def test_small_groups_are_hidden_and_counted() -> None:
    report = slice_errors(np.ones(60, bool), {"hair": ["long"] * 40 + ["short"] * 15 + ["none"] * 5})
    assert [one.group for one in report.slices] == ["long"]
    assert (report.hidden, report.smallest) == (2, 30)


def test_groups_by_chance_do_not_differ() -> None:
    rng = np.random.default_rng(0)
    report = slice_errors(rng.random(2000) < 0.7, {"coin": list(rng.choice(["head", "tail"], 2000))})
    assert [one.differs for one in report.slices] == [False, False]


def test_numbers_fall_into_three_parts_of_equal_size_and_lists_into_none() -> None:
    parts = groups_of(list(range(90)))
    assert [int(members.sum()) for members in parts.values()] == [30, 30, 30]
    assert next(iter(parts)) == "up to 29.7"
    assert list(groups_of([True, False, None])) == ["no", "yes"]
    assert groups_of([[1], [2]]) == {}
    assert groups_of([f"person {number}" for number in range(50)]) == {}
    assert slice_errors(np.empty(0, bool), {"x": []}).whole is None


def test_the_interval_of_a_difference_holds_the_difference() -> None:
    low, high = difference_interval(np.arange(400) % 10 < 9, np.arange(400) % 10 < 7)
    assert low < 0.2 < high
    assert low > 0.1
