"""Structural similarity on pictures whose answer is known."""

from __future__ import annotations

import pytest
import torch

from fer_demo.metrics.structural_similarity import C1, C2, structural_similarity


def test_equal_pictures_are_fully_similar() -> None:
    pictures = torch.rand(2, 3, 24, 20) * 2 - 1
    assert structural_similarity(pictures, pictures).tolist() == pytest.approx([1, 1])


def test_even_pictures_differ_by_their_light_alone() -> None:
    one, other = torch.full((1, 1, 16, 16), -0.5), torch.full((1, 1, 16, 16), 0.5)  # 0.25 and 0.75 of full light
    expected = (2 * 0.25 * 0.75 + C1) / (0.25**2 + 0.75**2 + C1)
    assert structural_similarity(one, other).item() == pytest.approx(expected, abs=1e-4)


def test_a_negative_has_the_opposite_structure() -> None:
    stripes = torch.tensor([-1.0, 1.0]).repeat(12)[None, None, None].expand(1, 1, 24, 24) * 0.2
    variance = 0.1**2  # of the pictures in 0..1; window weights of the two stripes differ by 1e-4
    expected = (C2 - 2 * variance) / (C2 + 2 * variance)
    assert structural_similarity(stripes, -stripes).item() == pytest.approx(expected, abs=2e-3)


def test_it_can_be_descended() -> None:
    picture = torch.zeros(1, 1, 12, 12, requires_grad=True)
    structural_similarity(picture, torch.rand(1, 1, 12, 12)).sum().backward()
    assert picture.grad is not None
    assert torch.isfinite(picture.grad).all()
