"""Losses on cases whose value is known."""

from __future__ import annotations

import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from training.losses.code_distance import code_distance, couple_distance
from training.losses.gradient_penalty import gradient_penalty
from training.losses.label_critic import LabelCritic
from training.losses.pixel_error import change_weight, edge_aware_error
from training.losses.vote_divergence import vote_divergence


def test_vote_divergence_of_an_even_guess_is_the_logarithm_of_the_number_of_classes() -> None:
    shares = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]])
    assert vote_divergence(torch.zeros(2, 4), shares).item() == pytest.approx(math.log(4))


def test_vote_divergence_passes_over_faces_without_votes() -> None:
    shares = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    logits = torch.tensor([[2.0, 0.0], [0.0, 9.0]])
    assert vote_divergence(logits, shares).item() == pytest.approx(math.log(1 + math.exp(-2)))


def test_vote_divergence_without_any_votes_is_zero() -> None:
    assert vote_divergence(torch.randn(3, 8), torch.zeros(3, 8)).item() == 0


def test_edge_aware_error_of_a_constant_shift_is_the_shift_because_no_edge_moved() -> None:
    truth = torch.rand(2, 1, 8, 8)
    assert edge_aware_error(truth + 0.25, truth).item() == pytest.approx(0.25, abs=1e-6)


def test_edge_aware_error_counts_a_lost_edge_once_more() -> None:
    truth = torch.zeros(1, 1, 2, 2)
    result = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    # pixels 1/2, no change down a column, both rows lose a step of 1 across
    assert edge_aware_error(result, truth).item() == pytest.approx(0.5 + 0.0 + 1.0)


def test_edge_aware_error_of_no_faces_is_nothing() -> None:
    nobody = torch.zeros(0, 1, 8, 8, requires_grad=True)
    assert edge_aware_error(nobody, nobody.detach(), change_weight(nobody.detach(), nobody.detach())).item() == 0.0


def test_change_weight_is_the_floor_where_nothing_changed_and_grows_where_it_did() -> None:
    source = torch.zeros(1, 1, 32, 32)
    truth = source.clone()
    truth[..., 20:24, 8:24] = 1.0
    weight = change_weight(truth, source, floor=0.2)
    assert weight[0, 0, 2, 2].item() == pytest.approx(0.2)
    assert weight[0, 0, 22, 16].item() > 5


def test_without_change_weights_copying_the_source_would_look_nearly_right() -> None:
    source = torch.zeros(1, 1, 32, 32)
    truth = source.clone()
    truth[..., 20:24, 8:24] = 1.0
    weighted = edge_aware_error(source, truth, change_weight(truth, source))
    assert weighted > 5 * edge_aware_error(source, truth)


def test_the_penalty_of_an_even_slope_is_the_square_of_what_it_differs_from_1() -> None:
    real, made = torch.rand(3, 1, 4, 4), torch.rand(3, 1, 4, 4)
    slope = torch.full((16, 1), 0.75)  # its length is 3
    penalty = gradient_penalty(lambda faces: faces.flatten(1) @ slope, real, made, torch.rand(3))
    assert penalty.item() == pytest.approx((3 - 1) ** 2, rel=1e-5)


def test_the_operations_of_a_penalty_can_be_counted() -> None:
    critic = LabelCritic(1, 16, (4, 4))
    with FlopCounterMode(display=False) as counter:
        penalty = gradient_penalty(lambda places: critic(places).scores, *torch.rand(2, 2, 1, 16, 16), torch.rand(2))
        penalty.backward()
    assert counter.get_total_flops() > 0


def test_the_penalty_looks_between_real_and_made_faces_and_teaches_the_critic_alone() -> None:
    made, weight = torch.ones(2, 1, 1, 1, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    real = torch.full((2, 1, 1, 1), 3.0)
    seen: list[torch.Tensor] = []

    def score(faces: torch.Tensor) -> torch.Tensor:
        seen.append(faces)
        return weight * faces.square()

    penalty = gradient_penalty(score, real, made, torch.tensor([0.0, 0.5]))
    penalty.backward()
    torch.testing.assert_close(seen[0].flatten(), torch.tensor([1.0, 2.0]))  # all made, and half of each
    assert penalty.item() == pytest.approx(((2 * 2 * 1 - 1) ** 2 + (2 * 2 * 2 - 1) ** 2) / 2)
    assert weight.grad is not None
    assert made.grad is None


def test_a_codes_distance_is_a_share_of_that_between_two_targets_and_the_target_does_not_learn() -> None:
    target = torch.tensor([[0.0, 0.0], [2.0, 0.0]], requires_grad=True)  # 4 apart, squared
    code = torch.tensor([[0.0, 1.0], [2.0, 3.0]], requires_grad=True)  # 1 and 9 from their targets, squared
    distance = code_distance(code, target)
    distance.backward()
    assert distance.item() == pytest.approx((1 + 9) / 2 / 4)
    assert target.grad is None
    torch.testing.assert_close(code.grad, torch.tensor([[0.0, 1.0], [0.0, 3.0]]) / 4)


def test_couples_are_as_far_apart_as_anybody_by_chance_and_not_at_all_when_equal() -> None:
    assert couple_distance(torch.tensor([[1.0], [1.0], [3.0], [3.0]])).item() == pytest.approx(0)
    # Within the couples 1 and 1; between any two of 0, 1, 2, 3: 4 x 3 ordered pairs, (6 x 1 + 4 x 4 + 2 x 9) / 12.
    assert couple_distance(torch.tensor([[0.0], [1.0], [2.0], [3.0]])).item() == pytest.approx(1 / (40 / 12))


def test_couples_pull_no_code_towards_zero_and_all_codes_nowhere() -> None:
    codes = torch.randn(8, 5, requires_grad=True)
    couple_distance(codes).backward()
    assert codes.grad is not None
    assert (codes.grad * codes).sum().item() == pytest.approx(0, abs=1e-5)  # larger or smaller all together
    torch.testing.assert_close(codes.grad.sum(dim=0), torch.zeros(5), atol=1e-6, rtol=0)
    assert codes.grad.abs().max() > 0.01


def test_codes_gain_nothing_by_becoming_small_or_by_standing_far_from_zero() -> None:
    codes, target = torch.randn(8, 5), torch.randn(8, 5)
    for distance in (couple_distance(codes) - couple_distance(0.01 * codes + 7),
                     code_distance(codes, target) - code_distance(0.01 * codes + 7, 0.01 * target + 7)):  # fmt: skip
        assert distance.item() == pytest.approx(0, abs=1e-3)
