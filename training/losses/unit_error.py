"""The error of facial units that are known to different degrees, and of the expression that they spell."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import smooth_l1_loss


def unit_error(
    units: Float[Tensor, "batch units"], truth: Float[Tensor, "batch units"], trust: Float[Tensor, "batch units"]
) -> Float[Tensor, ""]:
    """Smooth absolute error (quadratic below 0.1), summed over the units of a face and averaged over faces."""
    return (smooth_l1_loss(units, truth, reduction="none", beta=0.1) * trust).sum(dim=1).mean()


def expression_error(
    units: Float[Tensor, "batch units"],
    prototypes: Float[Tensor, "classes units"],
    shares: Float[Tensor, "batch classes"],
    temperature: float = 0.5,
) -> Float[Tensor, ""]:
    """Cross-entropy of the nearest prototypes to the shares of each expression; rows of zeros do not count.

    Squared error alone is content with the mean of all expressions that a face might show.
    """
    nearness = -(units[:, None] - prototypes).square().sum(dim=2) / temperature
    return -(shares * nearness.log_softmax(dim=1)).sum(dim=1).mean()
