"""Brightness drift, diversity and cycle error of results whose answer is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fer_demo.metrics.brightness import brightness_drift
from fer_demo.metrics.cycle_error import cycle_error
from fer_demo.metrics.diversity import diversity


def difference(one: Tensor, other: Tensor) -> Tensor:
    return (one - other).abs().mean(dim=(1, 2, 3))


def test_brightness_drift_is_in_grey_levels_and_has_no_sign() -> None:
    faces = torch.rand(2, 1, 4, 4) * 0.5
    shift = torch.tensor([0.2, -0.2])[:, None, None, None]
    assert brightness_drift(faces + shift, faces).tolist() == pytest.approx([25.5, 25.5], rel=1e-4)


def test_results_that_never_change_have_no_diversity() -> None:
    assert diversity(torch.rand(2, 1, 1, 4, 4).expand(-1, 7, -1, -1, -1), difference).tolist() == [0, 0]


def test_diversity_is_the_mean_over_all_pairs() -> None:
    shades = torch.tensor([0.0, 0.3, 0.9])[None, :, None, None, None].expand(2, 3, 1, 4, 4)
    assert diversity(shades, difference).tolist() == pytest.approx([(0.3 + 0.9 + 0.6) / 3] * 2)


def test_an_edit_that_can_be_undone_has_no_cycle_error() -> None:
    sources, drivers = torch.rand(2, 1, 4, 4), torch.rand(2, 1, 4, 4)

    def copy_driver(faces: Tensor, driver: Tensor) -> Tensor:
        return driver

    assert cycle_error(sources, drivers, copy_driver).tolist() == [0, 0]


def test_cycle_error_is_what_the_way_back_misses() -> None:
    sources = torch.zeros(1, 1, 4, 4)

    def halfway(faces: Tensor, driver: Tensor) -> Tensor:
        return (faces + driver) / 2

    assert cycle_error(sources, torch.full_like(sources, 0.5), halfway).item() == pytest.approx(0.25 * 127.5)
