"""Linear systems in an ONNX graph, which has no operator for them: elimination in a loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from jaxtyping import Float
from onnxscript import FLOAT, script
from onnxscript import opset18 as op
from torch import Tensor
from torch.overrides import TorchFunctionMode

OPSET = 18  # of all graphs; `opset18` above is the same


@torch.library.custom_op("fer_demo::solve", mutates_args=())
def solve(systems: Tensor, known: Tensor) -> Tensor:
    """`torch.linalg.solve` under a name that the exporter leaves whole, so that TRANSLATIONS can replace it."""
    return torch.linalg.solve(systems, known)


@solve.register_fake
def _(systems: Tensor, known: Tensor) -> Tensor:
    return torch.empty_like(known)


@script()
def _eliminated(systems: FLOAT, known: FLOAT) -> FLOAT:  # (B, n, n) and (B, n, k); Gauss-Jordan, partial pivoting
    first = op.Constant(value_ints=[0])
    rows = op.Constant(value_ints=[2])
    size = op.Shape(systems, start=1, end=2)
    count = op.Squeeze(size)
    numbers = op.Unsqueeze(op.Range(op.Constant(value_int=0), count, op.Constant(value_int=1)), [0, 2])
    table = op.Concat(systems, known, axis=2)
    free = op.ReduceSum(table * 0.0, rows) + 1.0  # 1 for each row (B, n, 1) that was no pivot yet
    order = op.Unsqueeze(op.Squeeze(free, rows), first)
    for step in range(count):
        column = op.Gather(table, op.Unsqueeze(step, first), axis=2)
        largest = op.ArgMax(op.Abs(column) * free - (1.0 - free), axis=1, keepdims=1)
        pivot = op.Cast(op.Equal(numbers, largest), to=1)  # 1 at the chosen row
        row = op.MatMul(op.Transpose(pivot, perm=[0, 2, 1]), table)
        row = row / op.ReduceSum(pivot * column, op.Constant(value_ints=[1]))
        table = table - (column - pivot) * row
        free = free - pivot
        order = op.Concat(order, op.Unsqueeze(op.Squeeze(pivot, rows), first), axis=0)
    # Row number s of `order` says which row of the table holds unknown number s; the one before the first is no pivot.
    end = op.Constant(value_ints=[2147483647])
    places = op.Transpose(op.Slice(order, op.Constant(value_ints=[1]), end, first), perm=[1, 0, 2])
    return op.MatMul(places, op.Slice(table, size, end, rows))


TRANSLATIONS: Mapping[Callable[..., Any], Any] = {torch.ops.fer_demo.solve.default: _eliminated}


class WithoutLinalg(TorchFunctionMode):
    """Replaces what the exporter cannot translate, while a network is exported."""

    def __torch_function__(
        self, function: Any, types: Any, given: tuple[Any, ...] = (), named: dict[str, Any] | None = None
    ) -> Any:
        if function is torch.linalg.solve:
            return torch.ops.fer_demo.solve(*given)
        if function is torch.linalg.inv:
            return inverted(*given)
        if function is torch.searchsorted:
            return places_among(*given)
        return function(*given, **(named or {}))


def inverted(matrices: Float[Tensor, "*batch 2 2"]) -> Float[Tensor, "*batch 2 2"]:
    """Their inverses by Cramer's rule."""
    (a, b), (c, d) = ((matrices[..., row, 0], matrices[..., row, 1]) for row in (0, 1))
    adjugate = torch.stack([torch.stack([d, -b], dim=-1), torch.stack([-c, a], dim=-1)], dim=-2)
    return adjugate / (a * d - b * c)[..., None, None]


def places_among(knots: Float[Tensor, "batch knots"], values: Float[Tensor, "batch values"]) -> Tensor:
    """How many of the rising knots lie below each value."""
    return (knots[:, None] < values[:, :, None]).sum(dim=2)
