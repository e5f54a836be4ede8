"""What a published model can do, as protocols that services and tabs ask for."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor


class FactorCodes(NamedTuple):
    """The two codes of a face, flat: who it is and what it shows."""

    identity: Float[Tensor, "batch identity_dims"]
    expression: Float[Tensor, "batch expression_dims"]


@runtime_checkable
class RecognizesExpression(Protocol):
    """Tells the expression of aligned faces."""

    def expression_logits(
        self, faces: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch expressions"]:
        """Logits in the order of `config.expressions`; faces are in [-1, 1] at `config.size`."""
        ...


@runtime_checkable
class EncodesFactors(Protocol):
    """Splits aligned faces into an identity code and an expression code."""

    def encode(self, faces: Float[Tensor, "batch channels height width"]) -> FactorCodes:
        """Both codes of faces in [-1, 1] at `config.size`."""
        ...


@runtime_checkable
class EditsExpression(EncodesFactors, Protocol):
    """Paints a face from any identity code and any expression code."""

    def decode(self, codes: FactorCodes) -> Float[Tensor, "batch channels height width"]:
        """Faces in [-1, 1]; the same codes always give the same faces."""
        ...

    def prototypes(self) -> Float[Tensor, "basic_expressions expression_dims"]:
        """The mean expression code of each basic expression, in the order of expressions.BASIC."""
        ...
