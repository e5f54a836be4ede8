"""How far codes are apart, as a share of how far any two codes of the batch are: 0 for equal ones."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def code_distance(code: Float[Tensor, "batch dims"], target: Float[Tensor, "batch dims"]) -> Float[Tensor, ""]:
    """Mean squared distance from each code to its target, over that between two targets; the target never learns.

    A network cannot make it small by making its codes small: the target's spread is its measure.
    """
    fixed = target.detach()
    return (code - fixed).square().sum(dim=1).mean() / spread(fixed)


def couple_distance(codes: Float[Tensor, "batch dims"]) -> Float[Tensor, ""]:
    """Mean squared distance within the couples, rows 2k and 2k + 1, over that between any two codes of the batch.

    Both learn. A spread that did not would leave the loss alone unchanged by the size of codes, not its gradient, which
    makes all codes small.
    """
    first, second = codes[::2], codes[1::2]
    return (first - second).square().sum(dim=1).mean() / spread(codes)


def spread(codes: Float[Tensor, "batch dims"]) -> Float[Tensor, ""]:
    """Mean squared distance between two different codes of the batch, which is twice their variance."""
    return 2 * codes.var(dim=0).sum() + _TINY


_TINY = 1e-8  # or codes that are all alike would have no distance
