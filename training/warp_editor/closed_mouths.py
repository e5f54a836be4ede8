"""Open mouths of real people closed by their landmarks, which makes pairs of an open and a closed mouth.

Rendered people have no real teeth, and no two photographs of a person differ in the mouth alone. Lips close by moving:
a photograph is warped by two thin-plate splines (Bookstein 1989), one that moves the upper lip and one that moves the
lower, and cut where they meet, so that nothing between them stays.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.errors import DataError
from fer_demo.layers.warping import enlarge, pixel_places, warp
from fer_demo.synthetic.units import UNITS
from training.warp_editor.landmark_motion import CONTOUR, LOWER_LIP, MOUTH, UPPER_LIP

OPEN = 0.05  # mean gap of the inner lips, in a picture 2 wide, from which a mouth is open
# Units that part the lips; a closed mouth shows none of them.
PARTING = (
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    *(f"mouth{way}{side}" for way in ("UpperUp", "LowerDown") for side in ("Left", "Right")),
)
_OF_THE_MOUTH = torch.tensor([name.startswith(("mouth", "jaw", "tongue")) for name in UNITS])
_PARTING = torch.tensor([UNITS.index(name) for name in PARTING])
# Of the landmarks behind the contour: the nose, the corners, and each lip with the ends of its outer edge.
_NOSE, _CORNERS = slice(10, 19), torch.tensor([31, 37])
_UPPER_ENDS, _LOWER_ENDS = torch.tensor([32, 36]), torch.tensor([42, 38])
_UPPER, _LOWER = (
    torch.cat([lip.flatten(), ends]) for lip, ends in ((UPPER_LIP, _UPPER_ENDS), (LOWER_LIP, _LOWER_ENDS))
)
_UPPER_SHARE = 0.25  # of the gap that the upper lip closes; the jaw does the rest
_CHIN = 0.55  # of the distance from nose to lower lip: how far below the lower lip the chin lies
_CHIN_SHARE = 0.8  # of the lower lip's motion that the chin follows
_RIM = 0.035  # of a picture 2 wide: how much of each lip's edge is cut away with the gap, so that no teeth stay there
_BULGE = 0.75  # gap halfway to the corners, as a share of the gap at the outermost columns
_WIDER, _BEND = 0.25, 0.5  # of half a mouth's width: how far it may grow or shrink, and its corners rise or sink
_SEAM = 0.008  # softness of the cut
_FADING = 0.6  # softness of the cut gained beyond the corners, per distance from them
_CELLS = 48  # side of the grid on which the smooth splines are evaluated; the result is enlarged to the picture
_STIFFNESS = 1e-4
_STEP = 1e-4  # the least distance of two landmarks along the mouth
_LANDMARKS = 51


def open_mouths(landmarks: Float[Tensor, "faces 68 2"]) -> np.ndarray:
    """Indices of the faces with open mouths; faces without landmarks are not among them.

    Raises: DataError if there are none.
    """
    inside = landmarks[:, CONTOUR:]
    gap = (inside[:, LOWER_LIP[:, 0], 1] - inside[:, UPPER_LIP[:, 0], 1]).mean(dim=1)
    found = np.flatnonzero((gap > OPEN).cpu().numpy())
    if not len(found):
        raise DataError(
            "No picture in lfw/ has landmarks and open lips, which the stage closed_mouths needs. Use a copy of LFW "
            "with a column of landmarks."
        )
    return found


def with_lips_together(units: Float[Tensor, "batch 52"]) -> Float[Tensor, "batch 52"]:
    """The same units with the lips together."""
    closed = units.clone()
    closed[:, _PARTING] = 0
    return closed


def with_mouth_units(shown: Float[Tensor, "batch 52"], wanted: Float[Tensor, "batch 52"]) -> Float[Tensor, "batch 52"]:
    """The units shown, with those of the mouth replaced by the wanted ones."""
    return torch.where(_OF_THE_MOUTH.to(shown.device), wanted, shown)


def with_closed_mouths(
    faces: Float[Tensor, "batch 1 size size"],
    places: Float[Tensor, "batch 51 2"],
    shift: Float[Tensor, "batch 51 2"] | None = None,
) -> Float[Tensor, "batch 1 size size"]:
    """The same faces with their lips together.

    Args:
        faces: pictures in [-1, 1].
        places: their landmarks inside the contour, from -1 to 1 across the picture.
        shift: a further motion of the closed mouth's landmarks; those of other parts stay.
    """
    size = faces.shape[-1]
    now, then = _moved(places, torch.zeros_like(places) if shift is None else shift)
    cells, pixels = (pixel_places(side, side).to(faces) for side in (_CELLS, size))
    by_upper, by_lower = (
        enlarge(_spline(then[:, ~away], (now - then)[:, ~away], cells), size, size)
        for away in _of_the_other_lip(now.shape[1])
    )
    line = then[:, torch.cat([_CORNERS[:1], UPPER_LIP[:, 0], _CORNERS[1:]])]
    knots, order = line[:, :, 0].sort(dim=1)  # mirrored, they go from right to left
    x, y = pixels.unbind(dim=2)
    beyond = torch.maximum(knots[:, :1, None] - x, x - knots[:, -1:, None]).clamp_min(0)
    height = _interpolated(x[0].expand(len(faces), -1), knots, line[:, :, 1].gather(1, order))
    share = ((y - height[:, None]) / (_SEAM + _FADING * beyond)).sigmoid()[:, None]
    # Between the corners the pictures are blended, not the sampling places: halfway between those lie the teeth.
    cut = (1 - share) * warp(faces, by_upper) + share * warp(faces, by_lower)
    bent = warp(faces, (1 - share) * by_upper + share * by_lower)
    return torch.where(beyond[:, None] > 0, bent, cut)


def _moved(places: Float[Tensor, "batch 51 2"], shift: Float[Tensor, "batch 51 2"]) -> tuple[Tensor, Tensor]:
    """Spline knots before and after: the landmarks, the chin, and points along the border, which stay."""
    upper, lower = places[:, UPPER_LIP[:, 0]], places[:, LOWER_LIP[:, 0]]
    sinking, rising = _UPPER_SHARE * (lower - upper), (1 - _UPPER_SHARE) * (upper - lower)
    rim = places.new_tensor([0.0, _RIM])
    underlip = places[:, LOWER_LIP[:, 1]].mean(dim=1, keepdim=True)
    chin = underlip + _CHIN * (underlip - places[:, _NOSE].mean(dim=1, keepdim=True))
    border = _border(places.device).expand(len(places), -1, -1)
    now = torch.cat([places, chin, border], dim=1)
    then = now.clone()
    for lip, ends, step in ((UPPER_LIP, _UPPER_ENDS, sinking), (LOWER_LIP, _LOWER_ENDS, rising)):
        then[:, lip] += step[:, :, None]
        then[:, ends] += step[:, [0, -1]] / 2
    then[:, _LANDMARKS] += _CHIN_SHARE * rising.mean(dim=1)
    # Near the corners lips part faster than along a straight line: add a knot on each lip's edge halfway to them.
    halfway = _halfway(then)
    gap = (lower - upper)[:, [0, -1]]
    edges = [
        halfway + part * gap + sign * rim / 2
        for part, sign in ((-_BULGE * _UPPER_SHARE, -1), (_BULGE * (1 - _UPPER_SHARE), 1))
    ]
    then[:, MOUTH] += _along_the_mouth(places, shift)
    meeting = (then[:, UPPER_LIP[:, 0]] + then[:, LOWER_LIP[:, 0]]) / 2
    then[:, UPPER_LIP[:, 0]] = then[:, LOWER_LIP[:, 0]] = meeting
    now[:, UPPER_LIP[:, 0]] -= rim
    now[:, LOWER_LIP[:, 0]] += rim
    return torch.cat([now, *edges], dim=1), torch.cat([then, _halfway(then), _halfway(then)], dim=1)


def _halfway(points: Float[Tensor, "batch points 2"]) -> Float[Tensor, "batch 2 2"]:
    """Between the corners and the nearest columns of the upper lip."""
    return (points[:, _CORNERS] + points[:, UPPER_LIP[[0, -1], 0]]) / 2


def _along_the_mouth(
    places: Float[Tensor, "batch 51 2"], shift: Float[Tensor, "batch 51 2"]
) -> Float[Tensor, "batch 20 2"]:
    """The motion of the mouth's landmarks: that of its corners and its middle, and a parabola in between.

    Moved one by one, landmarks would overtake each other where a broad mouth becomes narrow.
    """
    left, right = (places[:, corner, 0] for corner in _CORNERS)
    half = (right - left) / 2
    half = torch.where(half.abs() < _STEP, torch.full_like(half, _STEP), half)
    across = ((places[:, MOUTH, 0] - (left + half)[:, None]) / half[:, None]).clamp(-1, 1)[:, :, None]
    first, last = (shift[:, corner, None] for corner in _CORNERS)
    middle = shift[:, torch.cat([UPPER_LIP[1], LOWER_LIP[1]])].mean(dim=1, keepdim=True)
    width = half.abs()[:, None, None]
    wider = ((last - first) / 2).clamp(-_WIDER * width, _WIDER * width)
    bend = ((last + first) / 2 - middle).clamp(-_BEND * width, _BEND * width)
    return middle + across * wider + across.square() * bend


def _of_the_other_lip(points: int) -> tuple[Tensor, Tensor]:
    """Points that the spline of the upper lip leaves out, and those that the spline of the lower leaves out."""
    away = torch.zeros(2, points, dtype=torch.bool)
    away[0, _LOWER] = away[1, _UPPER] = True
    away[0, _LANDMARKS] = True  # the chin
    away[0, -2:] = away[1, -4:-2] = True
    return away[0], away[1]


def _spline(
    knots: Float[Tensor, "batch knots 2"], values: Float[Tensor, "batch knots 2"], at: Float[Tensor, "rows columns 2"]
) -> Float[Tensor, "batch 2 rows columns"]:
    """The thin-plate spline through the values, evaluated at the given places."""
    batch, count = knots.shape[:2]
    affine = torch.cat([torch.ones_like(knots[:, :, :1]), knots], dim=2)
    bending = _kernel(knots, knots) + _STIFFNESS * torch.eye(count, device=knots.device)
    corner = affine.new_zeros(batch, 3, 3)
    system = torch.cat([torch.cat([bending, affine], 2), torch.cat([affine.transpose(1, 2), corner], 2)], 1)
    weights = torch.linalg.solve(system, torch.cat([values, values.new_zeros(batch, 3, 2)], dim=1))
    points = at.flatten(0, 1).expand(batch, -1, -1)
    bent = _kernel(points, knots) @ weights[:, :count]
    straight = torch.cat([torch.ones_like(points[:, :, :1]), points], dim=2) @ weights[:, count:]
    return (bent + straight).transpose(1, 2).unflatten(2, at.shape[:2])


def _kernel(a: Float[Tensor, "batch n 2"], b: Float[Tensor, "batch k 2"]) -> Float[Tensor, "batch n k"]:
    squared = (a[:, :, None] - b[:, None]).square().sum(dim=3)
    return torch.xlogy(squared, squared)


def _border(device: torch.device) -> Float[Tensor, "16 2"]:
    """Points around the picture, a little outside."""
    steps = torch.linspace(-1.3, 1.3, 5, device=device)
    grid = torch.cartesian_prod(steps, steps)
    return grid[grid.abs().amax(dim=1) > 1.2]


def _interpolated(
    at: Float[Tensor, "batch columns"], knots: Float[Tensor, "batch 5"], values: Float[Tensor, "batch 5"]
) -> Float[Tensor, "batch columns"]:
    """Linear interpolation between sorted knots; constant beyond them."""
    steps = knots.diff(dim=1).clamp_min(_STEP)
    passed = ((at[:, :, None] - knots[:, None, :-1]) / steps[:, None]).clamp(0, 1)
    return values[:, :1] + (passed * values.diff(dim=1)[:, None]).sum(dim=2)
