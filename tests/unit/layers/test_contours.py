"""Distances to a square, to a line and to a lip-shaped polygon."""

from __future__ import annotations

import pytest
import torch

from fer_demo.layers.contours import signed_distance, soft_area

SQUARE = torch.tensor([[[2.0, 2.0], [8.0, 2.0], [8.0, 6.0], [2.0, 6.0]]])


def test_distances_to_a_square_are_positive_inside_and_negative_outside() -> None:
    distance = signed_distance(SQUARE, 8, 10)
    assert distance.shape == (1, 8, 10)
    assert distance[0, 3, 4].item() == pytest.approx(1.5)  # the pixel's middle is at (4.5, 3.5)
    assert distance[0, 3, 0].item() == pytest.approx(-1.5)
    assert distance[0, 0, 0].item() == pytest.approx(-((1.5**2 + 1.5**2) ** 0.5))


def test_a_polygon_closed_to_a_line_has_no_inside() -> None:
    line = torch.tensor([[[2.0, 4.0], [5.0, 4.0], [8.0, 4.0], [5.0, 4.0]]])
    distance = signed_distance(line, 8, 10)
    assert (distance <= 0).all()
    assert distance[0, 3, 4].item() == pytest.approx(-0.5)


def test_an_area_grows_and_its_edge_is_soft() -> None:
    distance = torch.tensor([-3.0, -1.0, 0.0, 1.0])
    assert soft_area(distance).tolist() == [0.0, 0.0, 0.5, 1.0]
    assert soft_area(distance, grown=1.0).tolist() == [0.0, 0.5, 1.0, 1.0]
    assert soft_area(distance, softness=4.0).tolist() == [0.0, 0.25, 0.5, 0.75]
