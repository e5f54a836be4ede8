"""The scores of a task by the groups to which people say that they belong: age, gender, ethnicity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from training.evaluation.pairs.data import Task
from training.evaluation.pairs.scores import Measured, scores_of
from training.evaluation.pairs.table import LEAST, OF_GROUPS, Group

ATTRIBUTES = ("age", "gender", "ethnicity")
TOGETHER = "smaller groups together"
_AGES = (25, 30)  # years at which a new band of about as many people begins


def group_scores(task: Task, measured: Measured, seed: int) -> list[Group]:
    """Of every attribute that the pictures have, the largest group first; those too small to tell also together."""
    found = []
    people = np.array([case.source.person for case in task.cases])
    for attribute in ATTRIBUTES:
        groups, sizes = groups_of([case.source.about for case in task.cases], people, attribute)
        found += [_group(task, measured, attribute, name, groups == name, seed) for name in sizes]
        small = [name for name, size in sizes.items() if size < LEAST]
        if len(small) > 1:
            found.append(_group(task, measured, attribute, TOGETHER, np.isin(groups, small), seed))
    return found


def _group(task: Task, measured: Measured, attribute: str, name: str, inside: np.ndarray, seed: int) -> Group:
    part = replace(task, cases=tuple(task.cases[row] for row in np.flatnonzero(inside)))
    scores = {}
    if part.people >= LEAST:
        whole = scores_of(part, {of: values[inside] for of, values in measured.items()}, seed)
        scores = {column: whole[column] for column in OF_GROUPS if column in whole}
    return Group(attribute, name, part.people, scores)


def groups_of(
    about: Sequence[Mapping[str, Any]], people: np.ndarray, attribute: str
) -> tuple[np.ndarray, dict[str, int]]:
    """What was said of one of ATTRIBUTES in each picture, and how many people each answer has, the most first.

    Where nothing is known the answer is empty, and counts as no group.
    """
    groups = np.array([_group_of(one, attribute) for one in about])
    sizes = {str(name): len(set(people[groups == name])) for name in np.unique(groups) if name}
    return groups, dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0])))


def _group_of(about: Mapping[str, Any], attribute: str) -> str:
    said: Any = about.get(attribute)
    if attribute != "age":
        return "" if said is None else str(said).replace("_", " ")
    if not isinstance(said, int | float) or math.isnan(said):
        return ""
    younger, older = _AGES
    if said < younger:
        return f"under {younger}"
    return f"{younger} to {older - 1}" if said < older else f"{older} or older"
