"""Contours drawn as soft areas: how far each pixel lies inside or outside of a closed line."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def signed_distance(
    polygons: Float[Tensor, "batch points 2"], rows: int, columns: int
) -> Float[Tensor, "batch rows columns"]:
    """Pixels from each pixel's middle to the polygon's line, positive inside.

    Points are (x, y) in pixels, 0 at the outer edge of the first pixel. A polygon that has closed to a line has no
    inside; one that crosses itself is inside where an odd number of its turns lie.
    """
    across = torch.arange(columns, device=polygons.device) + 0.5
    down = torch.arange(rows, device=polygons.device) + 0.5
    places = torch.stack(torch.meshgrid(across, down, indexing="xy"), dim=-1).to(polygons)
    start = polygons[:, :, None, None]
    side = polygons.roll(-1, dims=1)[:, :, None, None] - start
    away = places - start  # batch, points, rows, columns, 2
    along = ((away * side).sum(dim=-1) / side.square().sum(dim=-1).clamp_min(1e-9)).clamp(0, 1)
    distance = (away - along[..., None] * side).square().sum(dim=-1).amin(dim=1).sqrt()
    # A ray to the right crosses the sides that begin above the pixel and end below it, or the other way round.
    from_y, to_y = start[..., 1], start[..., 1] + side[..., 1]
    spans = (from_y > places[..., 1]) != (to_y > places[..., 1])
    steep = torch.where(side[..., 1].abs() < 1e-9, 1e-9, side[..., 1])
    crossing = start[..., 0] + (places[..., 1] - from_y) / steep * side[..., 0]
    inside = (spans & (crossing > places[..., 0])).sum(dim=1) % 2 == 1
    return torch.where(inside, distance, -distance)


def soft_area(distance: Float[Tensor, "..."], grown: float | Tensor = 0.0, softness: float = 1.0) -> Tensor:
    """0 outside and 1 inside of a line moved outwards by `grown` pixels, with a ramp `softness` pixels wide."""
    return ((distance + grown) / softness + 0.5).clamp(0, 1)
