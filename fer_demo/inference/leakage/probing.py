"""Leak probes: how well a label can be read from a code, beside chance, a control and other codes of the same faces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fer_demo.errors import DataError
from fer_demo.inference.leakage.probe_fits import PROBES, Probe
from fer_demo.inference.leakage.probe_targets import PERSON, Target
from fer_demo.metrics.bootstrap import bootstrap_interval
from fer_demo.metrics.levels import named_levels

FOLDS = 3
LEAST_FACES = 24
DRAWS = 500  # of the bootstrap
LEAST_OF_A_CLASS = 2  # faces: one that teaches and one that tests


@dataclass(frozen=True, eq=False)
class Plan:
    """Which faces teach and which test, so that every code is probed in the same way."""

    target: Target
    rows: np.ndarray  # (M,) of the faces given, those that count
    labels: np.ndarray  # (M,) the places of the names among all of them, or numbers
    people: np.ndarray  # (M,) number of the person; a number of its own for each face where nobody is named
    folds: np.ndarray  # (M,) which part of the faces it is tested with
    by_person: bool  # whether the parts have no person in common
    shuffled: np.ndarray  # (M,) the labels in random order
    chance: float  # score of the best constant answer
    seed: int

    @property
    def classes(self) -> int:
        """How many answers there are; 0 for numbers."""
        return len(np.unique(self.labels)) if self.target.is_class else 0


@dataclass(frozen=True, eq=False)
class ProbeScore:
    """What one probe found in one code."""

    code: str
    dims: int
    score: float  # accuracy, or R² for numbers: 1 - squared error over that of the mean
    low: float  # 95 % interval over people
    high: float
    control: float  # the same probe taught with shuffled labels
    losses: np.ndarray  # (M, 2) loss of each face and what it is divided by: score = 1 - sum / sum


def plan_probe(target: Target, people: list[Any], seed: int) -> Plan:
    """Decide the parts of a probe of faces with this target; `people` are None where nobody is named.

    A person is learned from some pictures and found in others; everything else is learned from some people and found
    in others, so that a person's look cannot give it away.

    Raises: DataError if the faces cannot be distinguished.
    """
    rows = np.array([row for row, value in enumerate(target.values) if value is not None], dtype=np.int64)
    rows, labels = _tellable(target, rows, np.array([target.values[row] for row in rows]))
    labels = named_levels(labels) if target.is_class else labels.astype(float)
    named = all(people[row] is not None for row in rows)
    groups = named_levels(np.array([str(people[row]) for row in rows])) if named else np.arange(len(rows))
    by_person = target.name != PERSON and named
    rng = np.random.default_rng(seed)
    if by_person:
        count = int(groups.max()) + 1
        if count < 2:
            raise DataError(
                f"All these faces are of one person, so {target.title} cannot be learned from some people and found in "
                "others; choose faces of more people."
            )
        folds = (rng.permutation(count) % min(FOLDS, count))[groups]
    else:
        folds = _spread(labels if target.is_class else np.zeros(len(rows)), rng)
    return Plan(
        target=target,
        rows=rows,
        labels=labels,
        people=groups,
        folds=folds,
        by_person=by_person,
        shuffled=_shuffled(labels, groups, target, rng),
        chance=float(np.unique(labels, return_counts=True)[1].max() / len(labels)) if target.is_class else 0.0,
        seed=seed,
    )


def read_code(plan: Plan, name: str, codes: np.ndarray, probe: str, dims: int) -> ProbeScore:
    """Probe the first `dims` principal dimensions of a code (N, D) of all faces the plan was made for."""
    kept = codes[plan.rows, :dims]
    losses = _losses(plan, kept, plan.labels, PROBES[probe])
    control = _losses(plan, kept, plan.shuffled, PROBES[probe])
    low, high = bootstrap_interval(_by_person(plan, losses), plan.seed, _score, DRAWS)
    return ProbeScore(name, kept.shape[1], _score(losses), low, high, _score(control), losses)


def read_codes(plan: Plan, codes: Mapping[str, np.ndarray], probe: str, dims: int) -> Iterator[ProbeScore]:
    """Probe one code after another, each as soon as it is asked for."""
    return (read_code(plan, name, values, probe, dims) for name, values in codes.items())


def difference(plan: Plan, one: ProbeScore, other: ProbeScore) -> tuple[float, float, float]:
    """How much more is read from one code than from another, and the 95 % interval over people, face by face."""
    both = np.concatenate([_by_person(plan, one.losses), _by_person(plan, other.losses)], axis=1)
    low, high = bootstrap_interval(both, plan.seed, lambda rows: _score(rows[:, :2]) - _score(rows[:, 2:]), DRAWS)
    return one.score - other.score, low, high


def _tellable(target: Target, rows: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The faces whose label can be both taught and tested."""
    if target.is_class:
        names, counts = np.unique(labels, return_counts=True)
        kept = np.isin(labels, names[counts >= LEAST_OF_A_CLASS])
        rows, labels = rows[kept], labels[kept]
    if len(rows) < LEAST_FACES:
        raise DataError(
            f"Only {len(rows)} of these faces can teach anything about {target.title}; choose faces that give at least "
            f"{LEAST_FACES}."
        )
    if len(np.unique(labels)) < 2:
        raise DataError(
            f"The {target.name} of all these faces is the same, so there is nothing to guess; choose other faces."
        )
    return rows, labels


def _spread(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Parts with about as many faces of every label in each."""
    folds = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        alike = rng.permutation(np.flatnonzero(labels == label))
        folds[alike] = np.arange(len(alike)) % FOLDS
    return folds


def _shuffled(labels: np.ndarray, people: np.ndarray, target: Target, rng: np.random.Generator) -> np.ndarray:
    """The labels in random order; what all pictures of a person share is shuffled among people."""
    first = np.unique(people, return_index=True)[1]
    own = labels[first]
    if target.name != PERSON and len(first) < len(people) and bool((labels == own[people]).all()):
        return rng.permutation(own)[people]
    return rng.permutation(labels)


def _losses(plan: Plan, codes: np.ndarray, labels: np.ndarray, probe: Probe) -> np.ndarray:
    """(M, 2) loss of each face when others taught, and what losses are compared with."""
    found = np.zeros((len(labels), 2))
    for fold in np.unique(plan.folds):
        teach, test = np.flatnonzero(plan.folds != fold), np.flatnonzero(plan.folds == fold)
        taught, truth = labels[teach], labels[test]
        constant = len(np.unique(taught)) < 2
        answers = taught[:1].repeat(len(test)) if constant else probe(codes[teach], taught, codes[test], plan.seed)
        if plan.target.is_class:
            found[test] = np.stack([answers != truth, np.ones(len(test))], axis=1)
        else:
            found[test] = np.stack([(answers - truth) ** 2, (truth - labels.mean()) ** 2], axis=1)
    return found


def _by_person(plan: Plan, losses: np.ndarray) -> np.ndarray:
    """(P, 2) sums of each person: pictures of one person are not independent, and are drawn together."""
    sums = np.zeros((int(plan.people.max()) + 1, 2))
    np.add.at(sums, plan.people, losses)
    return sums


def _score(losses: np.ndarray) -> float:
    loss, scale = losses.sum(axis=0)
    return float(1 - loss / scale) if scale > 0 else 0.0
