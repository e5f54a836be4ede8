"""Shading multiplies brightness, on the face alone."""

from __future__ import annotations

import pytest
import torch

from fer_demo.layers.shading import CELLS, Shading, log_brightness, shaded


def test_nothing_is_shaded_before_it_is_learnt() -> None:
    assert not Shading(3)(torch.randn(2, 3)).any()


def test_shading_is_what_is_added_to_the_logarithm_of_brightness() -> None:
    pictures = torch.rand(2, 1, 8, 8) - 0.5
    ratio = torch.full((2, 1, 8, 8), 0.2)
    torch.testing.assert_close(log_brightness(shaded(pictures, ratio)), log_brightness(pictures) + ratio)


def test_twice_the_change_is_shaded_twice_as_much_but_never_beyond_twice_as_bright() -> None:
    shading = Shading(1)
    with torch.no_grad():
        shading.ratios.weight.fill_(1.0)
        faint, clear, most = (shading(torch.tensor([[level]])) for level in (0.1, 0.2, 5.0))
    torch.testing.assert_close(clear, 2 * faint)
    assert 0.6 < float(most.max()) <= 0.7
    assert float(clear[0, 0, CELLS // 2, CELLS // 2]) == pytest.approx(0.2, abs=1e-3)
    assert float(clear[0, 0, 0, 0]) < 1e-3  # beside the face
