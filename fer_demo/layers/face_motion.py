"""From moved landmarks to a dense warp: two splines, one for each lip, that are cut where the lips meet."""

from __future__ import annotations

from itertools import product

import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.layers.splines import thin_plate
from fer_demo.layers.warping import pixel_places

CELLS = 64  # along each side of the field
_INSIDE = slice(17, 68)  # landmarks without the contour, which is another place of the skin in every pose
# Of the 51 landmarks inside a face: each lip without its corners.
_UPPER, _LOWER = (32, 33, 34, 35, 36, 44, 45, 46), (38, 39, 40, 41, 42, 48, 49, 50)
_CORNERS = (43, 47)  # of the inner lips
_BORDER = torch.tensor(
    [p for p in product((-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0), repeat=2) if max(map(abs, p)) == 1]
)
_SMOOTHING = 1e-4  # inner and outer corners of the lips nearly coincide and need not move alike
_SEAM = 0.01  # softness of the cut, of a picture 2 wide
_FADING = 0.5  # softness that the cut gains beyond the corners, per distance from them


def flow_between(
    landmarks: Float[Tensor, "batch 68 2"], aims: Float[Tensor, "batch 68 2"]
) -> Float[Tensor, "batch 2 cells cells"]:
    """The warp that shows at `aims` what lies at `landmarks`, both from -1 to 1; the border of the picture stays."""
    to, by = aims[:, _INSIDE], (landmarks - aims)[:, _INSIDE]
    places = pixel_places(CELLS, CELLS).to(to).flatten(0, 1)
    border = _BORDER.to(to).expand(len(to), -1, -1)
    fields = []
    for other in (_LOWER, _UPPER):  # the field of the upper lip knows nothing of the lower one
        kept = [index for index in range(to.shape[1]) if index not in other]
        points = torch.cat([to[:, kept], border], dim=1)
        values = torch.cat([by[:, kept], torch.zeros_like(border)], dim=1)
        fields.append(thin_plate(points, values, places.expand(len(to), -1, -1), _SMOOTHING))
    above = _share_above(to, places)
    field = above[..., None] * fields[0] + (1 - above[..., None]) * fields[1]
    return field.transpose(1, 2).unflatten(2, (CELLS, CELLS))


def _share_above(to: Float[Tensor, "batch 51 2"], places: Float[Tensor, "cells 2"]) -> Float[Tensor, "batch cells"]:
    """1 above the line on which the lips meet, 0 below it; beyond its ends the cut fades."""
    left, right = to[:, _CORNERS[0]], to[:, _CORNERS[1]]
    between = [(to[:, a] + to[:, b]) / 2 for a, b in ((44, 50), (45, 49), (46, 48))]
    line = torch.stack([left, *between, right], dim=1)  # batch, 5, 2
    x = places[:, 0].expand(len(to), -1).contiguous()
    knots = line[..., 0].contiguous()
    index = torch.searchsorted(knots, x).clamp(1, 4)
    start, end = (torch.gather(line, 1, (index - step)[..., None].expand(-1, -1, 2)) for step in (1, 0))
    share = ((x - start[..., 0]) / (end[..., 0] - start[..., 0]).clamp_min(1e-4)).clamp(0, 1)
    height = start[..., 1] + share * (end[..., 1] - start[..., 1])
    beyond = (knots[:, :1] - x).clamp_min(0) + (x - knots[:, -1:]).clamp_min(0)
    return torch.sigmoid((height - places[:, 1]) / (_SEAM + _FADING * beyond))
