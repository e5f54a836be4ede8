"""Planted label errors are found by confident learning; people's votes stand beside them."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.expressions import BASIC
from fer_demo.inference.dataset.label_issues import find_label_issues

FACES = 700


@pytest.fixture(scope="module")
def answers() -> tuple[np.ndarray, np.ndarray]:
    """True classes, and probabilities of a recognizer that gives the true one 0.75 on average."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, len(BASIC), FACES)
    logits = rng.normal(size=(FACES, len(BASIC)))
    logits[np.arange(FACES), truth] += 3.5
    shares = np.exp(logits)
    return truth, (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


def test_planted_errors_are_found_with_stated_recall_and_precision(answers: tuple[np.ndarray, np.ndarray]) -> None:
    truth, probabilities = answers
    given = truth.copy()
    planted = np.arange(0, FACES, 20)
    given[planted] = (given[planted] + 3) % len(BASIC)
    issues = find_label_issues([BASIC[label] for label in given], probabilities, np.ones(FACES, bool))
    hits = {issue.row for issue in issues} & set(planted)
    assert len(hits) / len(planted) >= 0.75  # recall
    assert len(hits) / len(issues) >= 0.6  # precision
    assert set(planted) > {issue.row for issue in issues[:10]}
    first = issues[0]
    assert (first.label, first.suggested) == (BASIC[given[first.row]], BASIC[truth[first.row]])


def test_faces_without_label_or_face_do_not_count_and_votes_are_shown(answers: tuple[np.ndarray, np.ndarray]) -> None:
    truth, probabilities = answers
    labels: list[str | None] = [BASIC[label] for label in truth]
    labels[0], labels[1] = None, "contempt"
    wrong = next(row for row in range(3, FACES) if truth[row] == BASIC.index("sad"))
    labels[wrong] = "happy"
    usable = np.ones(FACES, bool)
    usable[2] = False
    votes: list[np.ndarray | None] = [None] * FACES
    votes[wrong] = np.array([0, 1, 0, 9, 0, 0, 0, 0, 0, 0], np.float32)
    issues = {issue.row: issue for issue in find_label_issues(labels, probabilities, usable, votes)}
    assert not {0, 1, 2} & set(issues)
    assert (issues[wrong].votes_for_label, issues[wrong].votes_for_suggested) == pytest.approx((0.1, 0.9))


def test_one_class_alone_has_no_issues(answers: tuple[np.ndarray, np.ndarray]) -> None:
    assert find_label_issues(["sad"] * FACES, answers[1], np.ones(FACES, bool)) == ()
