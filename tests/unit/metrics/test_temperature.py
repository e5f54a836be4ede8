"""Temperatures that are known because the labels were drawn with them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from fer_demo.metrics.temperature import cross_entropy, fit_share_temperature, fit_temperature


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_the_labels_were_drawn_with_is_found(temperature: float) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, size=(20_000, 5))
    shares = softmax(logits / temperature, axis=1)
    truth = (rng.random((len(shares), 1)) < shares.cumsum(axis=1)).argmax(axis=1)
    assert fit_temperature(logits, truth) == pytest.approx(temperature, rel=0.05)


def test_an_even_guess_costs_the_log_of_the_number_of_classes() -> None:
    assert cross_entropy(np.zeros((4, 7)), np.eye(7)[:4]) == pytest.approx(np.log(7))


def test_shares_that_were_made_with_a_temperature_give_it_back() -> None:
    logits = np.random.default_rng(0).normal(0, 3, size=(50, 8))
    shares = softmax(logits / 1.7, axis=1)
    assert fit_share_temperature(logits, shares) == pytest.approx(1.7, rel=1e-3)


def test_answers_that_are_never_wrong_are_made_as_sure_as_allowed() -> None:
    assert fit_temperature(np.eye(3), np.arange(3)) == pytest.approx(0.05, rel=0.01)
