"""What ten people would say of a face: predicted shares as whole people, in words, and whether people disagree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fer_demo.inference.recognize.probabilities import VOTES, Recognition

PEOPLE = 10  # as many as voted on each face of FER+
HALF = 0.5  # below it no answer is given by half of the people, and they disagree
MOST_NAMES = 3  # in a sentence; whoever says another name says "something else"

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def of_ten(shares: np.ndarray) -> np.ndarray:
    """(K,) int: shares that sum to 1 as whole people who are ten in all (largest remainder; ties to the first)."""
    exact = np.asarray(shares, dtype=np.float64) * PEOPLE
    whole = np.floor(exact + 1e-6).astype(int)
    left = PEOPLE - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
    return whole


def people_disagree(answer: Recognition) -> bool:
    """Whether no expression would be named by half of the people; nothing is known of them from a label."""
    return answer.answer == VOTES and float(answer.probabilities.max()) < HALF


def ten_people(answer: Recognition, doubted: bool = False) -> str:
    """ "Of ten people, about seven would say happy, two neutral, one sad"; `doubted` says less."""
    people = of_ten(answer.probabilities)
    order = [int(index) for index in np.lexsort((-answer.probabilities, -people)) if people[index]]
    named = order[: MOST_NAMES if len(order) > MOST_NAMES + 1 else MOST_NAMES + 1]
    about = "perhaps" if doubted else "about"
    first, others = named[0], named[1:]
    if people[first] == PEOPLE:
        said = f"{'perhaps' if doubted else 'nearly'} all would say {answer.expressions[first]}"
    else:
        said = f"{about} {_NUMBERS[people[first]]} would say {answer.expressions[first]}"
    parts = [said, *(f"{_NUMBERS[people[index]]} {answer.expressions[index]}" for index in others)]
    if left := PEOPLE - int(people[named].sum()):
        parts.append(f"{_NUMBERS[left]} something else")
    return f"Of ten people, {_listed(parts)}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
