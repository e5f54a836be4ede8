"""Pixel regression on cases whose lines are known: planted ones, and the limits of the ridge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import Tensor

from fer_demo.errors import DataError, SettingsError
from fer_demo.expressions import BASIC
from training.data.expression_pairs import ExpressionPairs, chances, inner_error
from training.recipes.pixel_regression import (
    FOLDS,
    NormalEquations,
    PixelRegressionObjective,
    PixelRegressionRecipe,
)

SIZE = 4
HAPPY, SAD = BASIC.index("happy"), BASIC.index("sad")


def planted(count: int = 64) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Sources, targets on a line of each pixel's own, and the lines' weights and biases."""
    generator = torch.Generator().manual_seed(0)
    source = torch.rand(count, SIZE, SIZE, generator=generator) * 2 - 1
    weight, bias = torch.rand(SIZE, SIZE, generator=generator), torch.rand(SIZE, SIZE, generator=generator) - 0.5
    return source, weight * source + bias, weight, bias


def sums_of(source: Tensor, target: Tensor, expression: int = HAPPY, fold: Sequence[int] = (0,)) -> NormalEquations:
    equations, count = NormalEquations(SIZE), len(source)
    equations.add(source, target, torch.full((count,), expression), torch.tensor(fold).repeat(count)[:count])
    return equations


def test_a_planted_line_of_each_pixel_is_recovered() -> None:
    source, target, weight, bias = planted()
    lines = sums_of(source, target).solve(ridge=1e-9)
    torch.testing.assert_close(lines.weight[HAPPY], weight, rtol=0, atol=1e-5)
    torch.testing.assert_close(lines.bias[HAPPY], bias, rtol=0, atol=1e-5)
    torch.testing.assert_close(lines.along(source, torch.full((len(source),), HAPPY)), target.clamp(-1, 1))


def test_the_lines_are_those_of_the_penalized_least_squares() -> None:
    source, target, _, _ = planted(8)
    target = target + 0.1 * torch.randn(target.shape, generator=torch.Generator().manual_seed(1))
    lines, ridge = sums_of(source, target).solve(ridge=0.2), 0.2
    x, change = source[:, 1, 2].double().numpy(), (target - source)[:, 1, 2].double().numpy()
    rows = np.stack([x, np.ones_like(x)], axis=1)
    known = np.linalg.solve(rows.T @ rows / len(x) + ridge * np.eye(2), rows.T @ change / len(x))
    assert float(lines.weight[HAPPY, 1, 2]) - 1 == pytest.approx(known[0], abs=1e-6)
    assert float(lines.bias[HAPPY, 1, 2]) == pytest.approx(known[1], abs=1e-6)


def test_the_stronger_the_ridge_the_less_is_changed_until_nothing_is() -> None:
    source, target, _, _ = planted()
    equations = sums_of(source, target)
    sizes = [
        float(inner_change)
        for ridge in (0.01, 0.1, 1.0, 1e9)
        for inner_change in [
            (equations.solve(ridge).along(source, torch.full((len(source),), HAPPY)) - source).abs().mean()
        ]
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 1e-6


def test_an_expression_that_nobody_showed_leaves_faces_as_they_are() -> None:
    source, target, _, _ = planted()
    lines = sums_of(source, target).solve(ridge=0.03)
    assert (lines.weight[SAD] == 1).all()
    assert (lines.bias[SAD] == 0).all()


def test_lines_without_a_fold_know_nothing_of_its_people() -> None:
    source, target, _, _ = planted()
    others = sums_of(source[: len(source) // 2], target[: len(source) // 2], fold=[1])
    both = sums_of(source[: len(source) // 2], target[: len(source) // 2], fold=[1])
    half = len(source) // 2
    both.add(source[half:], -target[half:], torch.full((half,), HAPPY), torch.zeros(half, dtype=torch.long))
    for known, found in zip(others.solve(0.03), both.solve(0.03, without=0), strict=True):
        torch.testing.assert_close(known, found)
    assert not torch.allclose(others.solve(0.03).weight, both.solve(0.03).weight)


def pairs_of(expression: Sequence[int], rendered: Sequence[bool]) -> ExpressionPairs:
    count = len(expression)
    faces = torch.zeros(count, SIZE, SIZE, dtype=torch.uint8)
    people = tuple(f"set {number}" for number in range(count))
    return ExpressionPairs(faces, faces, torch.tensor(expression), torch.tensor(rendered), people, {})


def test_expressions_are_drawn_alike_and_so_much_of_them_from_rendered_people() -> None:
    pairs = pairs_of([HAPPY, HAPPY, HAPPY, HAPPY, SAD], [False, True, True, True, True])
    often = chances(pairs, 0.25)
    torch.testing.assert_close(often, torch.tensor([0.75, 0.25 / 3, 0.25 / 3, 0.25 / 3, 1.0]))
    torch.testing.assert_close(chances(pairs, 0.0), torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0]))


def test_an_error_counts_from_the_brows_to_the_chin() -> None:
    one = torch.zeros(1, 64, 64)
    outside, inside = one.clone(), one.clone()
    outside[:, :8] = 1
    inside[:, 40:44] = 1
    assert float(inner_error(one, outside)) == 0
    assert float(inner_error(one, inside)) > 0.05


def test_bad_settings_and_missing_data_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--ridge must be above 0"):
        PixelRegressionRecipe(ridge=0.0)
    with pytest.raises(SettingsError, match="--rendered-share lie between 0 and 1"):
        PixelRegressionRecipe(rendered_share=1.5)
    accelerator = Accelerator(cpu=True)
    with pytest.raises(SettingsError, match="give --data"):
        PixelRegressionObjective.create(PixelRegressionRecipe(), None, accelerator)
    with pytest.raises(DataError, match=r"There is no .*ckplus\.parquet"):
        PixelRegressionObjective.create(PixelRegressionRecipe(), tmp_path, accelerator)
    assert FOLDS > 1
