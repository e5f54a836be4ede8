"""The error of a predicted warp against the exact one, how rough a field is, and how far it moves the eyes."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample

_EYES = (0.25, 0.62)  # of an aligned face's height: from the brows to the tip of the nose


def flow_error(
    flow: Float[Tensor, "batch 2 h w"],
    exact: Float[Tensor, "batch 2 h w"],
    visible: Float[Tensor, "batch 1 h w"],
    floor: float = 0.2,
) -> Float[Tensor, ""]:
    """Mean absolute error where the same surface shows in both pictures, weighted by how far it truly moves.

    As in `change_weight`, still cells weigh `floor` and the others grow with their motion, 1 + floor on average;
    without that the cheapest answer is a field of zeros.
    """
    motion = exact.square().sum(dim=1, keepdim=True).sqrt() * visible
    weight = (motion / (motion.mean(dim=(1, 2, 3), keepdim=True) + 0.002) + floor) * visible
    return ((flow - exact).abs() * weight).mean()


def roughness(field: Float[Tensor, "batch channels h w"]) -> Float[Tensor, ""]:
    """Mean absolute difference of neighbouring cells, over both axes."""
    return field.diff(dim=2).abs().mean() + field.diff(dim=3).abs().mean()


def point_flow_error(
    flow: Float[Tensor, "batch 2 h w"],
    places: Float[Tensor, "batch points 2"],
    motion: Float[Tensor, "batch points 2"],
    known: Float[Tensor, " batch"],
    floor: float = 0.2,
) -> Float[Tensor, ""]:
    """The same where only points are known: each goes from its place by its motion, and the warp must fetch it."""
    arrived = (places + motion)[:, None]
    fetched = grid_sample(flow, arrived, padding_mode="border", align_corners=False)[:, :, 0].transpose(1, 2)
    length = motion.square().sum(dim=2, keepdim=True).sqrt()
    weight = length / (length.mean(dim=1, keepdim=True) + 0.002) + floor
    return ((fetched + motion).abs() * weight * known[:, None, None]).mean()


def motion_around_eyes(flow: Float[Tensor, "batch 2 rows columns"]) -> Float[Tensor, ""]:
    """Mean squared length of the warp between the brows and the tip of the nose of aligned faces.

    There people are told apart; what mouths do changes them little.
    """
    first, last = (round(share * flow.shape[2]) for share in _EYES)
    return flow[:, :, first:last].square().sum(dim=1).mean()
