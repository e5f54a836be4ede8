"""Exponential moving average of a network's weights, the copy that is published."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


class ExponentialMovingAverage:
    """Averages weights with a half-life counted in images; a half-life of 0 follows the network itself."""

    def __init__(self, network: nn.Module, half_life: int) -> None:
        self.half_life = half_life
        self.average = copy.deepcopy(network).requires_grad_(False).eval()

    @torch.no_grad()
    def update(self, network: nn.Module, batch: int, seen: int) -> None:
        """Take in the weights after a step of `batch` images; early on the half-life is at most a tenth of `seen`."""
        half_life = min(self.half_life, seen / 10)
        kept = 0.5 ** (batch / half_life) if half_life > 0 else 0.0
        for averaged, value in zip(_tensors(self.average), _tensors(network), strict=True):
            if isinstance(value, nn.Parameter) and not value.requires_grad:
                continue  # fixed weights were copied at the start
            if averaged.is_floating_point():
                averaged.lerp_(value, 1 - kept)
            else:
                averaged.copy_(value)


def _tensors(network: nn.Module) -> list[torch.Tensor]:
    return [*network.parameters(), *network.buffers()]


@contextmanager
def evaluating(network: nn.Module) -> Iterator[nn.Module]:
    """The network in evaluation mode without gradients, put back as it was afterwards."""
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield network
    finally:
        network.train(was_training)
