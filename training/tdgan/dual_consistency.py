"""Dual image consistency: a generated face holds both donors' codes (Xie et al. 2021, Eq. 7)."""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from fer_demo.models.tdgan import TDGAN


def dual_consistency(
    model: TDGAN,
    generated: Float[Tensor, "batch c size size"],
    identity_face: Float[Tensor, "batch c size size"],
    expression_face: Float[Tensor, "batch c size size"],
    noise: Callable[[int], Tensor | None],
) -> dict[str, Float[Tensor, ""]]:
    """|G(I_g; I_f) - I_f| and |G(I_e; I_g) - I_e|, as means over [0, 1] pixels; I_g is not detached.

    The first takes the identity code from the generated face, the second its expression code. `noise` draws the
    decoder's noise for so many faces; it is asked afresh for each of the two pictures, as the authors do.
    """
    count = len(generated)
    identity_again = model.paint(model.identity_code(generated), model.expression_code(identity_face), noise(count))
    expression_again = model.paint(model.identity_code(expression_face), model.expression_code(generated), noise(count))
    return {
        "identity_consistency": (identity_again - identity_face).abs().mean() / 2,
        "expression_consistency": (expression_again - expression_face).abs().mean() / 2,
    }
