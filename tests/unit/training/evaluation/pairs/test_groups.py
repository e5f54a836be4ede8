"""Groups of people whose scores are known, and groups that are too small to have any."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.faces.crops import FaceCrop
from training.evaluation.pairs.data import LONDON, Case, Photo, Task
from training.evaluation.pairs.groups import group_scores
from training.evaluation.pairs.table import pairs_table
from training.evaluation.pairs.text import pairs_text

AGES = (18, 24, 24, 24, 24, 25, 29, 29, 29, 29, 30, 99, 41)


def task_of(about: list[dict[str, object]], twice: int = 1) -> Task:
    """A smile of everybody, so many times."""
    crop = FaceCrop(np.zeros((8, 8, 3), np.uint8), None)
    cases = []
    for number, facts in enumerate(about):
        neutral, smile = (
            Photo(f"{number:02}", shown, crop, np.zeros((68, 2)), about=facts) for shown in ("neutral", "happy")
        )
        cases += [Case(neutral, smile, None)] * twice
    return Task(LONDON, "happy", False, tuple(cases))


def measured(task: Task, errors: list[float]) -> dict[str, np.ndarray]:
    """Mouths so far from the truth that were 2 away before; judges read the nearest of them, and all true pictures."""
    return {
        "mouth": np.array(errors),
        "mouth, untouched": np.full(len(task.cases), 2.0),
        "judge": (np.array(errors) < 1).astype(float),
        "judge of the truth": np.ones(len(task.cases)),
    }


def test_each_group_has_its_own_gain_and_a_small_one_has_none() -> None:
    task = task_of([{"gender": "female"}] * 6 + [{"gender": "male"}] * 5 + [{"gender": "other"}] * 4)
    found = group_scores(task, measured(task, [1.0] * 6 + [0.5] * 5 + [0.0] * 4), seed=0)
    assert [(group.attribute, group.name, group.people) for group in found] == [
        ("gender", "female", 6),
        ("gender", "male", 5),
        ("gender", "other", 4),
    ]
    female, male, other = (group.scores for group in found)
    assert (female["mouth gain"].value, female["mouth gain"].count) == (0.5, 6)
    assert (male["mouth gain"].value, male["mouth gain"].count) == (0.75, 5)
    assert other == {}
    assert [scores["read by the judge"].value for scores in (female, male)] == [0, 1]
    assert [scores["true picture read by it"].value for scores in (female, male)] == [1, 1]


def test_people_are_counted_and_not_their_pictures() -> None:
    task = task_of([{"gender": "female"}] * 4, twice=3)
    (group,) = group_scores(task, measured(task, [1.0] * 12), seed=0)
    assert (group.people, group.scores) == (4, {})


def test_groups_too_small_to_tell_are_told_together_if_there_are_several() -> None:
    said = [{"ethnicity": name} for name in ["white"] * 5 + ["west_asian"] * 3 + ["black"] * 2]
    task = task_of(said)
    found = group_scores(task, measured(task, [0.0] * 5 + [1.0] * 3 + [2.0] * 2), seed=0)
    assert [(group.name, group.people) for group in found] == [
        ("white", 5),
        ("west asian", 3),
        ("black", 2),
        ("smaller groups together", 5),
    ]
    assert found[-1].scores["mouth gain"].value == pytest.approx(1 - 7 / 10)


@pytest.mark.parametrize("unknown", [None, float("nan"), "old"])
def test_ages_are_told_in_bands_and_who_does_not_tell_is_in_none(unknown: object) -> None:
    task = task_of([{"age": age} for age in [*AGES, unknown]])
    found = group_scores(task, measured(task, [1.0] * 14), seed=0)
    assert [(group.name, group.people) for group in found] == [
        ("25 to 29", 5),
        ("under 25", 5),
        ("30 or older", 3),
    ]


def test_the_text_says_who_is_too_few() -> None:
    task = task_of([{"gender": "female"}] * 5 + [{"gender": "male"}] * 4)
    groups = group_scores(task, measured(task, [1.0] * 9), seed=0)
    row = {"set": "London", "expression": "happy", "driven": False, "people": 9, "pairs": 9, "scores": {}}
    text = pairs_text(pairs_table([{**row, "groups": groups}], {}, {}))
    assert "A group of fewer than 5 people is too small to tell." in text
    assert "| happy, by name | gender | female | 5 | 0.5 (0.5 to 0.5) | - |" in text
    assert "| happy, by name | gender | male | 4 | too few to tell | - |" in text
