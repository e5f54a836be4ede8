"""Codes whose disentanglement is known: one dimension for each factor, copies, mixtures and noise."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from fer_demo.metrics.attribute_predictability import separated_attribute_predictability
from fer_demo.metrics.dci import dci
from fer_demo.metrics.factor_vae_score import factor_vae_score
from fer_demo.metrics.interventional_robustness import interventional_robustness
from fer_demo.metrics.modularity import modularity
from fer_demo.metrics.mutual_information import mutual_information
from fer_demo.metrics.mutual_information_gap import mutual_information_gap

FACTORS = np.array(list(product(range(4), range(5), range(3), range(20))))[:, :3]  # 1,200 faces, all combinations
PERFECT = FACTORS.astype(float)
NOISE = np.random.default_rng(0).normal(size=(len(FACTORS), 6))


def mixed() -> np.ndarray:
    """The perfect code turned so that every dimension holds a part of every factor."""
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    return (PERFECT - PERFECT.mean(axis=0)) / PERFECT.std(axis=0) @ turn


def test_a_dimension_for_each_factor_is_perfect_to_every_metric() -> None:
    assert mutual_information_gap(PERFECT, FACTORS) == pytest.approx(1)
    assert modularity(PERFECT, FACTORS) == pytest.approx(1)
    assert factor_vae_score(PERFECT, FACTORS, seed=0) == 1
    assert interventional_robustness(PERFECT, FACTORS, seed=0) == pytest.approx(1)
    assert dci(PERFECT, FACTORS, seed=0) == pytest.approx((1, 1, 1))
    # The other dimensions guess one of 4, 5 and 3 levels: the best accuracy is 1 and the next about one in so many.
    chance = np.mean([1 / 4, 1 / 5, 1 / 3])
    assert separated_attribute_predictability(PERFECT, FACTORS, seed=0) == pytest.approx(1 - chance, abs=0.05)


def test_noise_tells_nothing() -> None:
    assert mutual_information_gap(NOISE, FACTORS) < 0.03
    assert separated_attribute_predictability(NOISE, FACTORS, seed=0) < 0.05
    assert factor_vae_score(NOISE, FACTORS, seed=0) == pytest.approx(1 / 3, abs=0.08)
    assert interventional_robustness(NOISE, FACTORS, seed=0) < 0.06
    found = dci(NOISE, FACTORS, seed=0)
    assert found.informativeness < 0.05
    assert found.disentanglement < 0.1
    assert found.completeness < 0.1


def test_noise_about_many_people_is_not_taken_for_knowledge() -> None:
    people = np.repeat(np.arange(50), 12)[:, None]
    noise = np.random.default_rng(2).normal(size=(600, 4))
    table, most = mutual_information(noise, people)
    assert table.max() < 0.05  # uncorrected it would be near 19 * 49 / 1200 = 0.8
    assert most[0] < np.log(20)
    assert interventional_robustness(noise, people, seed=0) < 0.1


def test_two_copies_of_every_dimension_leave_no_gap_but_stay_pure() -> None:
    twice = np.concatenate([PERFECT, PERFECT], axis=1)
    assert mutual_information_gap(twice, FACTORS) == pytest.approx(0)
    assert separated_attribute_predictability(twice, FACTORS, seed=0) == pytest.approx(0)
    assert modularity(twice, FACTORS) == pytest.approx(1)
    assert factor_vae_score(twice, FACTORS, seed=0) == 1
    found = dci(twice, FACTORS, seed=0)
    assert found.disentanglement == pytest.approx(1)
    assert found.completeness == pytest.approx(1 - np.log(2) / np.log(6), abs=0.12)  # two of six dimensions share it


def test_one_number_for_two_factors_is_not_modular() -> None:
    both = (FACTORS[:, :1] + 4 * FACTORS[:, 1:2]).astype(float)  # a cell for each of the 20 combinations
    assert modularity(both, FACTORS[:, [0, 1]]) < 0.4  # the parts are log 4 and log 5: 1 - (log 4 / log 5)^2 = 0.26
    assert modularity(both, FACTORS[:, [0, 1]]) == pytest.approx(1 - (np.log(4) / np.log(5)) ** 2, abs=0.05)


def test_a_mixture_scores_below_a_dimension_for_each_factor() -> None:
    codes = mixed()
    assert mutual_information_gap(codes, FACTORS) < 0.5
    assert separated_attribute_predictability(codes, FACTORS, seed=0) < 0.5
    assert interventional_robustness(codes, FACTORS, seed=0) < 0.7
    assert modularity(codes, FACTORS) < 0.9
    found = dci(codes, FACTORS, seed=0)
    assert found.disentanglement < 0.5
    assert found.completeness < 0.5
    assert found.informativeness > 0.9  # what was mixed can still be told


def test_a_constant_code_is_worth_nothing() -> None:
    constant = np.zeros((len(FACTORS), 2))
    assert mutual_information_gap(constant, FACTORS) == 0
    assert modularity(constant, FACTORS) == 0
    assert factor_vae_score(constant, FACTORS, seed=0) == pytest.approx(1 / 3)
    assert interventional_robustness(constant, FACTORS, seed=0) == 0


def test_the_seed_alone_decides() -> None:
    codes = mixed()
    assert factor_vae_score(codes, FACTORS, seed=3) == factor_vae_score(codes, FACTORS, seed=3)
    assert dci(codes, FACTORS, seed=3) == dci(codes, FACTORS, seed=3)
