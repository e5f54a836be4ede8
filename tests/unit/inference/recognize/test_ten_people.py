"""Shares become ten whole people in words, and a split among them is said."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.expressions import BASIC, WITH_CONTEMPT
from fer_demo.inference.recognize.probabilities import LABEL, VOTES, Recognition
from fer_demo.inference.recognize.ten_people import of_ten, people_disagree, ten_people


def of_people(**shares: float) -> Recognition:
    return Recognition(WITH_CONTEMPT, np.array([shares.get(name, 0.0) for name in WITH_CONTEMPT]), None, VOTES)


def test_people_are_always_ten_and_never_a_whole_person_off() -> None:
    shares = np.random.default_rng(0).dirichlet(np.full(8, 0.4), size=2000)
    people = np.stack([of_ten(row) for row in shares])
    assert (people.sum(axis=1) == 10).all()
    assert np.abs(people - 10 * shares).max() < 1
    assert (people >= 0).all()


@pytest.mark.parametrize(
    ("shares", "people"),
    [
        ((0.7, 0.2, 0.1), [7, 2, 1]),
        ((1 / 3, 1 / 3, 1 / 3), [4, 3, 3]),
        ((0.96, 0.04, 0.0), [10, 0, 0]),
        (np.array((0.7, 0.2, 0.1), np.float32), [7, 2, 1]),
    ],
)
def test_the_largest_remainders_are_rounded_up(shares: tuple[float, ...], people: list[int]) -> None:
    assert of_ten(np.asarray(shares)).tolist() == people


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (of_people(happy=0.99, sad=0.01), "Of ten people, nearly all would say happy"),
        (of_people(neutral=0.62, contempt=0.38), "Of ten people, about six would say neutral and four contempt"),
        (
            of_people(sad=0.3, neutral=0.2, fear=0.2, angry=0.1, disgust=0.1, surprise=0.1),
            "Of ten people, about three would say sad, two fear, two neutral and three something else",
        ),
        (
            of_people(sad=0.4, neutral=0.3, fear=0.2, angry=0.1),
            "Of ten people, about four would say sad, three neutral, two fear and one angry",
        ),
    ],
)
def test_the_sentence_accounts_for_all_ten(answer: Recognition, words: str) -> None:
    assert ten_people(answer) == words


def test_people_disagree_where_no_name_has_half_of_them() -> None:
    assert people_disagree(of_people(sad=0.49, neutral=0.4, fear=0.11))
    assert not people_disagree(of_people(sad=0.5, neutral=0.5))
    assert not people_disagree(Recognition(BASIC, np.full(7, 1 / 7), None, LABEL))
