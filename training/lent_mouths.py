"""Grins with real teeth on people who kept their lips together, so that an editor can be taught to close them.

A rendered person's exact answer knows no real teeth, and no two photographs of a person differ in the grin alone. But
the editor can open closed lips, and what then shows between them can be lent by somebody else's open mouth: a grin
whose exact closed answer is a photograph.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample

from fer_demo.errors import DataError
from fer_demo.models.warp_editor import standardized
from fer_demo.synthetic.units import UNITS
from training.landmark_motion import CONTOUR

# Of the landmarks behind the contour: the inner edges of both lips, from the same corner to the same corner.
UPPER_EDGE = torch.tensor([43, 44, 45, 46, 47])
LOWER_EDGE = torch.tensor([43, 50, 49, 48, 47])
CLOSED, OPEN = 0.025, 0.08  # mean gap between them, in a picture 2 wide, below or above which lips are so
_EDGE = 0.02  # width of the transition at the edge of the lips, in a picture 2 wide: one pixel of 96
_STEP = 1e-4  # the least distance of two landmarks along an edge
# How far units are set that open the lips over the teeth, at random between the two.
OPENING = {
    "mouthSmileLeft": (0.3, 1.4),
    "mouthSmileRight": (0.3, 1.4),
    "mouthUpperUpLeft": (0.4, 1.8),
    "mouthUpperUpRight": (0.4, 1.8),
    "mouthLowerDownLeft": (0.3, 1.8),
    "mouthLowerDownRight": (0.3, 1.8),
    "mouthStretchLeft": (0.0, 1.0),
    "mouthStretchRight": (0.0, 1.0),
    "jawOpen": (0.0, 0.4),
}
_OPENED = torch.tensor([UNITS.index(name) for name in OPENING])
_SIDES = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3, 4])  # left and right open alike


@dataclass(frozen=True)
class Mouths:
    """Which faces of a set keep their lips together, and which show what is between them."""

    closed: np.ndarray  # indices
    open: np.ndarray

    @classmethod
    def of(cls, landmarks: Float[Tensor, "faces 68 2"]) -> Mouths:
        """By the gap of the inner lips; faces without landmarks are neither.

        Raises: DataError if there are none of either kind.
        """
        inside = landmarks[:, CONTOUR:]
        gap = (inside[:, LOWER_EDGE[1:-1], 1] - inside[:, UPPER_EDGE[1:-1], 1]).mean(dim=1)
        known = landmarks.abs().sum(dim=(1, 2)) > 0
        closed, open_ = ((known & chosen).nonzero().flatten().cpu().numpy() for chosen in (gap < CLOSED, gap > OPEN))
        if not (len(closed) and len(open_)):
            raise DataError(
                "Mouths can only be lent between people with landmarks, some with closed and some with open lips; "
                "add the landmarks to lfw/, or leave out --opener."
            )
        return cls(closed, open_)

    def draw(self, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """So many closed mouths, and as many open ones."""
        return torch.from_numpy(rng.choice(self.closed, count)), torch.from_numpy(rng.choice(self.open, count))


def opening_units(own: Float[Tensor, "batch 52"], generator: torch.Generator) -> Float[Tensor, "batch 52"]:
    """The same faces' units with a grin that shows the teeth."""
    low, high = torch.tensor(list(OPENING.values()), device=own.device).T
    drawn = torch.rand((len(own), int(_SIDES.max()) + 1), generator=generator, device=own.device)[:, _SIDES]
    units = own.clone()
    units[:, _OPENED] = low + (high - low) * drawn
    return units


def with_lent_mouths(
    faces: Float[Tensor, "batch 1 size size"],
    places: Float[Tensor, "batch 51 2"],
    lenders: Float[Tensor, "batch 1 size size"],
    lender_places: Float[Tensor, "batch 51 2"],
) -> Float[Tensor, "batch 1 size size"]:
    """What shows between the lenders' lips, drawn between those of the faces, in the faces' own light.

    Args:
        faces: pictures in [-1, 1].
        places: their landmarks inside the contour, from -1 to 1 across the picture.
        lenders: pictures of as many others.
        lender_places: their landmarks.
    """
    size = faces.shape[-1]
    axis = (torch.arange(size, device=faces.device) + 0.5) * 2 / size - 1
    ours, theirs = _Gap(places), _Gap(lender_places)
    along = (axis - ours.start[:, None]) / ours.length[:, None]  # of each column: 0 to 1 from corner to corner
    top, height = ours.at(along)
    down = (axis[:, None] - top[:, None]) / height[:, None]  # of each pixel: 0 to 1 from the upper to the lower lip
    their_top, their_height = theirs.at(along)
    x = (theirs.start[:, None] + along * theirs.length[:, None])[:, None].expand_as(down)
    y = their_top[:, None] + down.clamp(0, 1) * their_height[:, None]
    light = standardized(lenders)[0]
    _, own_mean, own_spread = standardized(faces)
    lent = grid_sample(light, torch.stack([x, y], dim=3), padding_mode="border", align_corners=False)
    # Soft at the lips and at the corners.
    depth = torch.minimum(down, 1 - down) * height[:, None]
    sideways = (torch.minimum(along, 1 - along) * ours.length.abs()[:, None])[:, None]
    shown = (torch.minimum(depth, sideways) / _EDGE).clamp(0, 1)[:, None]
    return ((1 - shown) * faces + shown * (lent * own_spread + own_mean)).clamp(-1, 1)


class _Gap:
    """The space between the lips of each face, by the column."""

    def __init__(self, places: Float[Tensor, "batch 51 2"]) -> None:
        upper, lower = places[:, UPPER_EDGE], places[:, LOWER_EDGE]
        self.start = upper[:, 0, 0]
        length = upper[:, -1, 0] - self.start
        self.length = torch.where(length.abs() < _STEP, torch.full_like(length, _STEP), length)
        self.edges = [
            ((edge[:, :, 0] - self.start[:, None]) / self.length[:, None], edge[:, :, 1]) for edge in (upper, lower)
        ]

    def at(self, along: Float[Tensor, "batch columns"]) -> tuple[Tensor, Tensor]:
        """Where the gap begins in each column, and how high it is there."""
        top, bottom = (_interpolated(along, *edge) for edge in self.edges)
        return top, (bottom - top).clamp_min(_STEP)


def _interpolated(
    at: Float[Tensor, "batch columns"], knots: Float[Tensor, "batch 5"], values: Float[Tensor, "batch 5"]
) -> Float[Tensor, "batch columns"]:
    """Straight lines between the knots, which are put in order, and the end values beyond them."""
    knots = knots.cummax(dim=1).values
    steps = knots.diff(dim=1).clamp_min(_STEP)
    passed = ((at[:, :, None] - knots[:, None, :-1]) / steps[:, None]).clamp(0, 1)
    return values[:, :1] + (passed * values.diff(dim=1)[:, None]).sum(dim=2)
