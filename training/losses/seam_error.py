"""Light between lips that should have met: where a photograph has teeth, a warp alone can only squeeze them."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample

REACH = 0.02  # above and below the line between the lips, of a picture 2 wide


def seam_error(
    result: Float[Tensor, "batch 1 size size"],
    source: Float[Tensor, "batch 1 size size"],
    seams: Float[Tensor, "batch points 2"],
    lips: Float[Tensor, "batch lips 2"],
    closed: Float[Tensor, " batch"],
) -> Float[Tensor, ""]:
    """How much lighter the result is along the seams than the source's lips, on average over the faces that close.

    A dark line is what closed lips look like, so darker counts nothing. Places run from -1 to 1; `closed` is 1 for a
    face that counts and 0 for another.
    """
    above, below = (seams + seams.new_tensor([0.0, offset]) for offset in (-REACH, REACH))
    shown = _sampled(result, torch.cat([above, seams, below], dim=1))
    light = (shown - _sampled(source, lips).mean(dim=1, keepdim=True)).clamp_min(0).mean(dim=1)
    return (light * closed).sum() / closed.sum().clamp_min(1)


def _sampled(pictures: Tensor, places: Tensor) -> Float[Tensor, "batch points"]:
    return grid_sample(pictures.float(), places[:, None], padding_mode="border", align_corners=False)[:, 0, 0]
