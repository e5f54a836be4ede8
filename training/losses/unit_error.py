"""The error of facial units that are known to different degrees."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import smooth_l1_loss


def unit_error(
    units: Float[Tensor, "batch units"], truth: Float[Tensor, "batch units"], trust: Float[Tensor, "batch units"]
) -> Float[Tensor, ""]:
    """Smooth absolute error (quadratic below 0.1), summed over the units of a face and averaged over faces."""
    return (smooth_l1_loss(units, truth, reduction="none", beta=0.1) * trust).sum(dim=1).mean()
