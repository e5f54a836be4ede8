"""Thin-plate splines against displacements that are known."""

from __future__ import annotations

import torch

from fer_demo.layers.splines import thin_plate

POINTS = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [0.2, 0.1]])[None]


def test_the_spline_goes_through_its_points() -> None:
    values = torch.randn(1, 5, 2, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(thin_plate(POINTS, values, POINTS, 0.0), values, atol=1e-4, rtol=0)


def test_an_affine_displacement_is_met_everywhere() -> None:
    matrix, shift = torch.tensor([[0.1, -0.2], [0.05, 0.3]]), torch.tensor([0.4, -0.1])
    places = torch.rand(1, 20, 2, generator=torch.Generator().manual_seed(1)) * 2 - 1
    found = thin_plate(POINTS, POINTS @ matrix.T + shift, places, 0.0)
    torch.testing.assert_close(found, places @ matrix.T + shift, atol=1e-4, rtol=0)


def test_smoothing_misses_contradicting_neighbours_by_half_each() -> None:
    points = torch.cat([POINTS, torch.tensor([[[0.2001, 0.1]]])], dim=1)
    values = torch.zeros(1, 6, 2)
    values[0, 4, 0], values[0, 5, 0] = 1.0, -1.0
    found = thin_plate(points, values, points, 1e-2)
    assert found[0, 4:].abs().max() < 0.1
