"""Gradient reversal: what an adversary learns to read, the network before it learns to hide (Ganin et al. 2016)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def reversed_gradient(values: Tensor) -> Tensor:
    """The same values, whose gradient comes back with the other sign."""
    reversed_: Tensor = _Reversal.apply(values)
    return reversed_


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        return values.view_as(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return -gradient
