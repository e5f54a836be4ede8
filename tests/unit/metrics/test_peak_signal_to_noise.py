"""The peak signal-to-noise ratio of pictures whose error is known."""

from __future__ import annotations

import pytest
import torch

from fer_demo.metrics.peak_signal_to_noise import peak_signal_to_noise


@pytest.mark.parametrize(("apart", "decibels"), [(0.2, 20), (0.02, 40), (2.0, 0)])
def test_an_even_difference_has_the_ratio_of_its_square(apart: float, decibels: float) -> None:
    dark = torch.full((2, 3, 4, 5), -1.0)
    assert peak_signal_to_noise(dark, dark + apart).tolist() == pytest.approx([decibels] * 2, abs=1e-3)


def test_equal_pictures_have_a_finite_ratio() -> None:
    picture = torch.zeros(1, 1, 4, 4)
    assert peak_signal_to_noise(picture, picture).tolist() == pytest.approx([80])
