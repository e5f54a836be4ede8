"""The averaged weights follow the network with the stated half-life."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from training.engine.ema import ExponentialMovingAverage, evaluating


def network(value: float) -> nn.Linear:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, value)
    return layer


def test_after_one_half_life_the_average_is_half_way() -> None:
    average = ExponentialMovingAverage(network(0.0), half_life=100)
    average.update(network(1.0), batch=100, seen=10_000)
    assert average.average.weight.item() == pytest.approx(0.5)


def test_without_half_life_the_average_is_the_network() -> None:
    average = ExponentialMovingAverage(network(0.0), half_life=0)
    average.update(network(3.0), batch=1, seen=1)
    assert average.average.weight.item() == 3.0


def test_early_on_the_average_forgets_faster() -> None:
    average = ExponentialMovingAverage(network(0.0), half_life=1_000_000)
    average.update(network(1.0), batch=10, seen=100)
    assert average.average.weight.item() == pytest.approx(0.5)


def test_evaluating_puts_the_training_mode_back_even_after_an_error() -> None:
    layer = nn.Dropout().train()

    def fails() -> None:
        with evaluating(layer) as inside:
            assert not inside.training
            assert not torch.is_grad_enabled()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert layer.training
