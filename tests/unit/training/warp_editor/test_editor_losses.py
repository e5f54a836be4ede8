"""Losses of the editor, on cases with a known answer."""

from __future__ import annotations

import pytest
import torch

from training.losses.flow_error import flow_error, motion_around_eyes, point_flow_error, roughness
from training.losses.unit_error import expression_error, unit_error


def test_the_exact_flow_has_no_error_and_hidden_cells_do_not_count() -> None:
    exact = torch.zeros(1, 2, 4, 4)
    exact[0, 0, 0, 0] = 0.1
    visible = torch.ones(1, 1, 4, 4)
    assert flow_error(exact, exact, visible) == 0
    wrong = exact.clone()
    wrong[0, :, 2, 2] = 0.3
    assert flow_error(wrong, exact, visible) > 0
    visible[0, 0, 2, 2] = 0
    assert flow_error(wrong, exact, visible) == 0


def test_missing_a_motion_costs_more_than_inventing_one() -> None:
    exact = torch.zeros(1, 2, 8, 8)
    exact[0, 0, 0, 0] = 0.1
    invented = exact.clone()
    invented[0, 0, 5, 5] = 0.1
    visible = torch.ones(1, 1, 8, 8)
    assert flow_error(torch.zeros_like(exact), exact, visible) > 10 * flow_error(invented, exact, visible)


def test_a_flat_field_is_smooth_and_a_ramp_as_rough_as_its_slope() -> None:
    assert roughness(torch.full((1, 2, 4, 4), 0.3)) == 0
    ramp = (torch.arange(4.0) * 0.5).expand(1, 1, 4, 4)
    assert roughness(ramp) == pytest.approx(0.5)


def test_units_count_as_far_as_they_are_trusted() -> None:
    truth = torch.zeros(2, 3)
    read = torch.tensor([[1.05, 0.0, 1.05], [0.0, 0.0, 0.0]])
    trust = torch.tensor([[1.0, 1.0, 0.5], [1.0, 1.0, 1.0]])
    assert unit_error(read, truth, trust) == pytest.approx((1.0 + 0.5) / 2)


def test_a_warp_that_fetches_every_landmark_has_no_error() -> None:
    places, motion = torch.tensor([[[-0.5, 0.0], [0.5, 0.25]]]), torch.tensor([[[0.1, 0.0], [0.1, 0.0]]])
    fetching = torch.zeros(1, 2, 16, 16)
    fetching[:, 0] = -0.1  # what stands at p came from p - motion
    everybody = torch.ones(1)
    assert point_flow_error(fetching, places, motion, everybody) == pytest.approx(0, abs=1e-7)
    assert point_flow_error(torch.zeros_like(fetching), places, motion, everybody) > 0.05
    assert point_flow_error(torch.zeros_like(fetching), places, motion, torch.zeros(1)) == 0


def test_units_spell_the_expression_whose_prototype_they_are_nearest_to() -> None:
    prototypes = torch.eye(3) * 3
    said = torch.eye(3)
    assert expression_error(prototypes, prototypes, said) < 0.01
    between = prototypes[:1] / 2 + prototypes[1:2] / 2
    assert expression_error(between, prototypes, said[:1]) == pytest.approx(0.693, abs=0.01)  # ln 2
    assert expression_error(between, prototypes, torch.zeros(1, 3)) == 0


def test_the_mouth_moves_for_nothing_and_the_eyes_do_not() -> None:
    flow = torch.zeros(1, 2, 48, 48)
    flow[:, :, 32:] = 0.2
    assert motion_around_eyes(flow) == 0
    flow[:, 1, 18] = 0.1  # one of its 18 rows
    assert motion_around_eyes(flow) == pytest.approx(0.01 / 18)
