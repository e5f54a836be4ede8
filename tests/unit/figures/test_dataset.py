"""Charts about a dataset show the numbers they were given."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.figures.dataset import histogram, slice_chart, split_balance
from fer_demo.metrics.slices import SliceReport, slice_errors


def test_a_histogram_counts_every_value_once() -> None:
    figure = histogram(np.arange(100), "brightness")
    assert sum(figure.data[0].y) == 100
    assert figure.layout.xaxis.title.text == "brightness"
    assert sum(histogram(np.empty(0), "yaw").data[0].y) == 0


def test_splits_of_different_size_are_compared_by_share() -> None:
    figure = split_balance({"train": {"happy": 30, "sad": 10}, "test": {"happy": 1, "sad": 3}})
    assert [list(bars.y) for bars in figure.data] == [[0.75, 0.25], [0.25, 0.75]]
    assert [bars.name for bars in figure.data] == ["train (40)", "test (4)"]


def test_groups_stand_in_order_with_their_intervals() -> None:
    correct = np.array([True] * 90 + [False] * 10 + [True] * 20 + [False] * 80)
    report = slice_errors(correct, {"hat": ["no"] * 100 + ["yes"] * 100})
    figure = slice_chart(report)
    assert list(figure.data[0].y) == ["hat: yes", "hat: no"]
    assert list(figure.data[0].x) == pytest.approx([0.2, 0.9])
    assert figure.data[0].error_x.arrayminus[0] == pytest.approx(report.slices[0].accuracy - report.slices[0].low)
    assert figure.layout.shapes[0].x0 == pytest.approx(0.55)
    assert not slice_chart(SliceReport(None, (), 0, 30)).layout.shapes
