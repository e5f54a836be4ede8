"""The scores of a task by the groups to which people say that they belong: age, gender, ethnicity."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
        groups = np.array([group_of(case.source.about, attribute) for case in task.cases])
        sizes = {str(name): len(set(people[groups == name])) for name in np.unique(groups) if name}
        named = sorted(sizes, key=lambda name: (-sizes[name], name))
        found += [_group(task, measured, attribute, name, groups == name, seed) for name in named]
        small = [name for name in named if sizes[name] < LEAST]
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


def group_of(about: Mapping[str, Any], attribute: str) -> str:
    """What a person said of one of ATTRIBUTES; empty if nothing is known."""
    said: Any = about.get(attribute)
    if attribute != "age":
        return "" if said is None else str(said).replace("_", " ")
    if not isinstance(said, int | float) or math.isnan(said):
        return ""
    younger, older = _AGES
    if said < younger:
        return f"under {younger}"
    return f"{younger} to {older - 1}" if said < older else f"{older} or older"
