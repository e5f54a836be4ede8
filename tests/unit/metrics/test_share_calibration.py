"""Shares are held against people's shares, in cases whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.calibration_error import expected_calibration_error
from fer_demo.metrics.share_calibration import jensen_shannon, largest_share_bins, share_bins


def test_the_divergence_is_nothing_for_equals_and_the_log_of_two_for_strangers() -> None:
    one, other = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]), np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    assert jensen_shannon(one, other) == pytest.approx([0, np.log(2)])
    assert jensen_shannon(other, one) == pytest.approx(jensen_shannon(one, other))


def test_right_shares_have_no_error_and_one_that_is_off_by_a_tenth_has_a_tenth() -> None:
    shares = np.tile([0.9, 0.1], (60, 1))
    assert expected_calibration_error(share_bins(shares, shares)) == pytest.approx(0)
    people = np.tile([0.8, 0.2], (60, 1))
    assert expected_calibration_error(share_bins(shares, people, bins=2)) == pytest.approx(0.1)
    assert expected_calibration_error(largest_share_bins(shares, people)) == pytest.approx(0.1)


def test_the_largest_share_is_compared_with_the_people_who_say_that_name() -> None:
    predicted, people = np.array([[0.6, 0.4]] * 30), np.array([[0.0, 1.0]] * 30)
    bins = largest_share_bins(predicted, people, bins=1)
    assert (bins[0].confidence, bins[0].accuracy, bins[0].size) == (pytest.approx(0.6), 0.0, 30)
