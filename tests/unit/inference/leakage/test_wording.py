"""What is said about probes, word for word."""

from __future__ import annotations

import pytest

from fer_demo.inference.leakage.disentanglement import Leak, Leaks
from fer_demo.inference.leakage.probe_targets import Target
from fer_demo.inference.leakage.wording import code_in_question, leak_sentences, share

PERSON = Target("person", "the person", [], True)
TURN = Target("head turn", "the head's turn to a side", [], False)


def leaks(target: str, chance: float, **scores: float) -> Leaks:
    """Readings with intervals of 2 points to either side."""
    found = (Leak(code, score, score - 0.02, score + 0.02, chance) for code, score in scores.items())
    return Leaks(target, chance, tuple(found))


def test_classes_are_told_beside_chance_and_the_probabilities() -> None:
    found = leaks("person", 1 / 70, identity=0.66, expression=0.73, pixels=0.56, probabilities=0.02)
    assert leak_sentences(PERSON, found) == (
        "From the expression code, the probe guesses the person right in 73% of cases. By chance it would be 1.4%. The "
        "seven probabilities alone give 2.0%.",
        "That is more than the raw pixels give (56%): the expression code makes it easier to see.",
    )


def test_numbers_are_told_as_shares_of_how_they_vary_and_never_below_nothing() -> None:
    told, compared = leak_sentences(TURN, leaks("head turn", 0.0, expression=0.4, pixels=0.9, probabilities=-0.2))
    assert told == (
        "From the expression code, the probe can tell 40% of the differences in the head's turn to a side. By chance "
        "it would be 0%. The seven probabilities alone give 0%."
    )
    assert compared == "That is less than the raw pixels give (90%): the expression code leaves some of it out."


def test_overlapping_intervals_are_no_difference() -> None:
    _, compared = leak_sentences(PERSON, leaks("person", 0.1, expression=0.5, pixels=0.52))
    assert compared == (
        "The raw pixels give 52%. The thin lines of the two bars overlap, so that neither clearly tells more."
    )


def test_an_interval_that_reaches_chance_is_no_better_than_chance() -> None:
    told, _ = leak_sentences(PERSON, leaks("person", 0.1, expression=0.11, pixels=0.5))
    assert "right in 11% of cases, no better than by chance. By chance it would be 10%" in told
    told, _ = leak_sentences(PERSON, leaks("person", 0.1, expression=0.13, pixels=0.5))
    assert "no better" not in told


@pytest.mark.parametrize(
    ("target", "codes", "expected"),
    [
        ("person", ["identity", "expression"], "expression"),
        ("skin", ["identity", "expression"], "expression"),
        ("intensity", ["identity", "expression"], "identity"),
        ("expression", ["expression", "pixels"], "expression"),
        ("person", ["pixels"], None),
    ],
)
def test_the_code_in_question_is_the_one_that_should_not_know(
    target: str, codes: list[str], expected: str | None
) -> None:
    assert code_in_question(target, codes) == expected


def test_without_a_code_of_the_model_there_is_nothing_to_say() -> None:
    assert leak_sentences(PERSON, leaks("person", 0.1, pixels=0.5))[0].startswith("Choose at least one")


def test_small_shares_have_a_digit_more() -> None:
    assert (share(0.0143), share(0.5), share(0.0), share(1.0)) == ("1.4%", "50%", "0%", "100%")
