"""Cycle error: what a person loses by taking an expression on and giving it back."""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

Edit = Callable[[Tensor, Tensor], Tensor]  # sources and drivers to results


def cycle_error(
    sources: Float[Tensor, "batch channels height width"],
    results: Float[Tensor, "batch channels height width"],
    edit: Edit,
) -> Float[Tensor, " batch"]:
    """Mean absolute error of `edit(result, driver = the source itself)` against the source, in grey levels of 255.

    Copying the input and copying the driver both score 0: it says something only beside the expression reached.
    """
    return (edit(results, sources) - sources).abs().mean(dim=(1, 2, 3)) * 127.5
