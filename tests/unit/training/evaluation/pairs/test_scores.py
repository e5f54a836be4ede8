"""The gain of an edit: nothing for the untouched photo, one for the truth, less than nothing beyond twice the way."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.pairs.scores import STATISTICS

_, gain = STATISTICS["mouth gain"]


@pytest.mark.parametrize(("step", "expected"), [(0, 0), (0.5, 0.5), (1, 1), (2, 0), (3, -1), (-1, -1)])
def test_an_edit_that_goes_a_step_of_the_way_gains_as_much(step: float, expected: float) -> None:
    untouched = np.array([0.05, 0.2])
    people = np.column_stack([abs(1 - step) * untouched, untouched, np.ones(2)])
    assert gain(people) == pytest.approx(expected)


def test_errors_are_summed_over_people_so_that_a_large_one_counts_more() -> None:
    assert gain(np.array([[0.0, 3.0, 1.0], [1.0, 1.0, 1.0]])) == pytest.approx(0.75)
