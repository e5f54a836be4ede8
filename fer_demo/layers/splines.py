"""Thin-plate splines (Bookstein 1989): the smoothest displacement that takes given points where they belong."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def thin_plate(
    points: Float[Tensor, "batch points 2"],
    values: Float[Tensor, "batch points 2"],
    places: Float[Tensor, "batch places 2"],
    smoothing: float,
) -> Float[Tensor, "batch places 2"]:
    """The spline through `values` at `points`, seen at `places`; with `smoothing` it may miss points a little."""
    count = points.shape[1]
    kernel = _kernel(points, points)
    kernel = kernel + smoothing * torch.eye(count, device=points.device)
    plane = torch.cat([torch.ones_like(points[..., :1]), points], dim=2)
    corner = plane.new_zeros(len(points), 3, 3)
    system = torch.cat([torch.cat([kernel, plane], dim=2), torch.cat([plane.transpose(1, 2), corner], dim=2)], dim=1)
    known = torch.cat([values, values.new_zeros(len(points), 3, 2)], dim=1)
    weights = torch.linalg.solve(system, known)
    seen = torch.cat([_kernel(places, points), torch.ones_like(places[..., :1]), places], dim=2)
    return seen @ weights


def _kernel(places: Tensor, points: Tensor) -> Tensor:
    squared = (places[:, :, None] - points[:, None]).square().sum(dim=3)
    return 0.5 * squared * squared.clamp_min(1e-12).log()
