"""Losses of recognizers on cases whose answer is known."""

from __future__ import annotations

import math

import pytest
import torch

from training.losses.knowledge_distillation import knowledge_distillation
from training.losses.known_error import known_error
from training.losses.triplet_distillation import triplet_distillation
from training.losses.unit_divergence import unit_divergence


def test_undecided_logits_cost_one_bit_per_unit_and_unknown_faces_nothing() -> None:
    logits, units = torch.zeros(2, 52), torch.ones(2, 52)
    one_known = unit_divergence(logits, units, torch.tensor([True, False]))
    assert float(one_known) == pytest.approx(math.log(2))
    assert float(unit_divergence(logits, units, torch.tensor([False, False]))) == 0


def test_the_error_of_known_numbers_is_their_mean_distance() -> None:
    result, truth = torch.tensor([[1.0, 3.0], [9.0, 9.0]]), torch.zeros(2, 2)
    assert float(known_error(result, truth, torch.tensor([True, False]))) == 2.0
    assert float(known_error(result, truth, torch.tensor([False, False]))) == 0.0


def test_a_student_that_agrees_with_its_teacher_has_nothing_to_learn() -> None:
    logits = torch.tensor([[2.0, -1.0, 0.5]])
    assert float(knowledge_distillation(logits, logits[None], 3.0)) == pytest.approx(0, abs=1e-6)


def test_distillation_is_the_scaled_divergence_from_the_mean_of_the_teachers() -> None:
    # Teachers say (0.9, 0.1) and (0.5, 0.5), so (0.7, 0.3) together; the student says (0.5, 0.5).
    teachers = torch.tensor([[[math.log(9.0), 0.0]], [[0.0, 0.0]]])
    expected = 0.7 * math.log(0.7 / 0.5) + 0.3 * math.log(0.3 / 0.5)
    assert float(knowledge_distillation(torch.zeros(1, 2), teachers, 1.0)) == pytest.approx(expected, rel=1e-5)
    assert float(knowledge_distillation(torch.zeros(1, 2), 2 * teachers, 2.0)) == pytest.approx(4 * expected, rel=1e-5)


def test_a_triplet_costs_the_margin_when_positive_and_negative_are_equally_far() -> None:
    # Two anchors at a right angle to everything: both distances are 2.
    student = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    teacher = torch.tensor([[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    student, teacher = student.repeat(2, 1), teacher.repeat(2, 1)
    loss = triplet_distillation(student, teacher, torch.tensor([3, 5, 3, 5]), 0.2)
    assert float(loss) == pytest.approx(0.2)


def test_a_solved_triplet_costs_nothing_and_one_without_a_positive_does_not_count() -> None:
    points = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert float(triplet_distillation(points, points, torch.tensor([0, 1, 0, -1]), 0.2)) == 0
    assert float(triplet_distillation(points, points, torch.tensor([0, 1, 2, 3]), 9.0)) == 0


def test_a_triplet_the_wrong_way_round_costs_the_difference_and_the_margin() -> None:
    # The anchor (1, 0) stands on its negative, and its positive is opposite: 4 - 0 + 0.5.
    student = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    teacher = torch.tensor([[-1.0, 0.0]]).repeat(3, 1)
    assert float(triplet_distillation(student, teacher, torch.tensor([0, 1, 0]), 0.5)) == pytest.approx(4.5)
