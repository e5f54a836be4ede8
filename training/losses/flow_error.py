"""The error of a predicted warp against the exact one, and how rough a field is."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample


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
