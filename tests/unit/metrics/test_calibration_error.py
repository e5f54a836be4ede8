"""Reliability bins and calibration errors that can be told in the head."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.calibration_error import equal_mass_bins, equal_width_bins, expected_calibration_error


def answers(confidence: float, right: int, wrong: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers of one confidence in two classes, so many right and so many wrong."""
    probabilities = np.tile([confidence, 1 - confidence], (right + wrong, 1))
    return probabilities, np.array([0] * right + [1] * wrong)


def test_answers_that_are_right_as_often_as_they_claim_have_no_error() -> None:
    bins = equal_mass_bins(*answers(0.8, right=80, wrong=20), bins=1)
    assert bins == ((pytest.approx(0.8), 0.8, 100),)
    assert expected_calibration_error(bins) == pytest.approx(0)


@pytest.mark.parametrize("binning", [equal_mass_bins, equal_width_bins])
def test_the_error_of_an_overconfident_model_is_its_excess(binning) -> None:  # type: ignore[no-untyped-def]
    bins = binning(*answers(0.9, right=60, wrong=40))
    assert expected_calibration_error(binning(*answers(0.9, right=60, wrong=40), bins=1)) == pytest.approx(0.3)
    assert sum(part.size for part in bins) == 100


def test_errors_of_bins_are_weighted_by_their_counts() -> None:
    sure, unsure = answers(0.95, right=20, wrong=10), answers(0.55, right=5, wrong=5)
    both = [np.concatenate(pair) for pair in zip(sure, unsure, strict=True)]
    bins = equal_width_bins(*both, bins=10)
    assert [part.size for part in bins] == [10, 30]
    expected = (10 * abs(0.55 - 0.5) + 30 * abs(0.95 - 2 / 3)) / 40
    assert expected_calibration_error(bins) == pytest.approx(expected)


def test_bins_of_equal_mass_differ_by_one_example_at_most() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(7), size=100)
    bins = equal_mass_bins(probabilities, rng.integers(7, size=100))
    assert {part.size for part in bins} == {6, 7}
    assert [part.confidence for part in bins] == sorted(part.confidence for part in bins)


def test_full_confidence_falls_into_the_last_bin_of_equal_width() -> None:
    assert equal_width_bins(np.array([[1.0, 0.0]]), np.array([0])) == ((1.0, 1.0, 1),)
