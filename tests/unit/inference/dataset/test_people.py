"""People are told apart by their descriptors alone; those in two splits are noticed."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.inference.dataset import people as module
from fer_demo.inference.dataset.people import find_people

PEOPLE, EACH, DIMS = 40, 6, 128


@pytest.fixture(scope="module")
def descriptors() -> np.ndarray:
    """Forty people far apart, six faces each close together."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(PEOPLE, 1, DIMS))
    return (centres + 0.3 * rng.normal(size=(PEOPLE, EACH, DIMS))).reshape(-1, DIMS).astype(np.float32)


def test_each_person_is_one_group(descriptors: np.ndarray) -> None:
    people = find_people(descriptors, np.ones(len(descriptors), bool))
    groups = people.groups.reshape(PEOPLE, EACH)
    assert (groups == groups[:, :1]).all()
    assert len(np.unique(groups)) == PEOPLE


def test_planted_leaks_are_found_and_no_others(descriptors: np.ndarray) -> None:
    splits = np.repeat(["train", "test"], len(descriptors) // 2).astype(object)
    moved = [(PEOPLE // 2 + person) * EACH for person in range(5)]  # one face of five test people
    splits[moved] = "train"
    leaking = find_people(descriptors, np.ones(len(descriptors), bool)).leaking(list(splits))
    truth = np.zeros((PEOPLE, EACH), bool)
    truth[PEOPLE // 2 : PEOPLE // 2 + 5] = True
    assert np.array_equal(leaking, truth.ravel())


def test_one_false_link_does_not_make_two_people_one() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(2, 1, DIMS)) * 0.02
    other = one + np.eye(1, DIMS)
    faces = np.concatenate([one + 0.02 * rng.normal(size=(8, DIMS)), other + 0.02 * rng.normal(size=(8, DIMS))])
    faces[0] = (one + other)[0] / 2  # as near to the one as to the other
    groups = find_people(faces, np.ones(16, bool)).groups
    assert len(set(groups[1:8])) == len(set(groups[8:])) == 1
    assert groups[1] != groups[8]


def test_the_more_faces_a_set_has_the_more_is_asked_of_each_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_likeness", lambda: (np.eye(DIMS, dtype=np.float32), np.full(DIMS, 1.0, np.float32)))
    strangers = np.random.default_rng(2).normal(size=(3000, DIMS)).astype(np.float32)
    strangers[1] = 0.52 * strangers[0] + np.sqrt(1 - 0.52**2) * strangers[1]  # a pair that is somewhat alike

    def are_one(faces: int, **strictness: float) -> bool:
        groups = find_people(strangers[:faces], np.ones(faces, bool), **strictness).groups
        return bool(groups[0] == groups[1])

    assert are_one(100)
    assert not are_one(3000)
    assert are_one(3000, evidence=-10)
    assert not are_one(100, evidence=10)


def test_faces_that_were_not_seen_belong_to_nobody(descriptors: np.ndarray) -> None:
    usable = np.arange(len(descriptors)) >= EACH
    people = find_people(descriptors, usable)
    assert (people.groups[:EACH] == -1).all()
    assert not people.leaking([str(row) for row in range(len(descriptors))])[:EACH].any()
    assert len(find_people(descriptors[:0], np.empty(0, bool)).groups) == 0


def test_a_part_too_large_to_link_at_once_is_parted_first(
    descriptors: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LINKED_AT_ONCE", EACH)
    groups = find_people(descriptors, np.ones(len(descriptors), bool)).groups.reshape(PEOPLE, EACH)
    assert (groups == groups[:, :1]).all()
    assert len(np.unique(groups)) == PEOPLE
