"""Where the landmarks of a real face move when its units change, by the motion of the head model in the face's pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from training.data.augmentation import Placement
from training.data.face_set import FaceSet
from training.data.mirroring import units_in_mirror
from training.data.unit_motion import projections, unit_motion
from training.warp_editor.motion_shares import SHARE, motion_shares

CONTOUR = 17  # the first landmarks lie on the outline, which is another place of the skin in every pose
# Of the landmarks behind the contour: three columns of the lips, each from the inner edge outwards.
UPPER_LIP = torch.tensor([[44, 33], [45, 34], [46, 35]])
LOWER_LIP = torch.tensor([[50, 41], [49, 40], [48, 39]])
MOUTH = slice(31, 51)
_REGIONS = (slice(0, 10), slice(10, 31), MOUTH)  # brows, eyes with the nose, mouth
_AHEAD = 10.0  # degrees of yaw and pitch up to which a head looks ahead
_FULL_CHANGE = 0.03  # mean motion of a region's landmarks, in a picture 2 wide, that gives it another expression
_TOUCHING = 0.03  # of a picture 2 wide: lips nearer than a cell and a half of the warp would tear it


@dataclass(frozen=True)
class LandmarkBatch:
    """The 51 landmarks inside real faces in random views, and how units move them there."""

    places: Float[Tensor, "batch 51 2"]  # from -1 to 1 across the view
    known: Float[Tensor, " batch"]  # 0 for faces without landmarks
    projection: Float[Tensor, "batch 2 3"]  # from the head's axes to the view
    mirrored: Bool[Tensor, " batch"]
    basis: Float[Tensor, "51 3 52"]  # motion of each landmark by each unit, along the head's axes

    def motion(self, own: Float[Tensor, "batch 52"], target: Float[Tensor, "batch 52"]) -> Float[Tensor, "batch 51 2"]:
        """Motion of the landmarks when the units change from `own` to `target`, in the unit of `places`."""
        shown = self.shown(own)
        motion = self.moved(target - own)
        overstated = (1 / SHARE - 1) * shown
        for region in _REGIONS:
            motion[:, region] += _change_share(motion[:, region])[:, :, None] * overstated[:, region]
        closing = self._closing(shown, motion)[:, :, None] / 2
        motion[:, UPPER_LIP, 1] += closing
        motion[:, LOWER_LIP, 1] -= closing
        return motion

    def shown(self, own: Float[Tensor, "batch 52"]) -> Float[Tensor, "batch 51 2"]:
        """How far a photograph's own units have moved its landmarks from rest."""
        return SHARE * self.moved(own)

    def moved(self, change: Float[Tensor, "batch 52"]) -> Float[Tensor, "batch 51 2"]:
        """How far a change of units moves the landmarks, in the unit of `places`."""
        # Mirrored landmarks keep their numbers, so left and right units swap back to their sides of the head.
        on_head = units_in_mirror(change, self.mirrored)
        return torch.einsum("bij,ljk,bk->bli", self.projection, self.basis, on_head)

    def _closing(self, shown: Tensor, motion: Tensor) -> Float[Tensor, "batch 3"]:
        """How much nearer the lips must come than the units say, where they are farther apart than the units say.

        A grin with bare teeth has the same units as one without. An unchanged mouth keeps the gap that its units miss;
        the more the mouth changes, the less of that gap stays.
        """
        upper, lower = UPPER_LIP[:, 0], LOWER_LIP[:, 0]
        gap, explained = (points[:, lower, 1] - points[:, upper, 1] for points in (self.places, shown))
        unexplained = gap - explained.clamp_min(0)
        new_gap = gap + motion[:, lower, 1] - motion[:, upper, 1]
        closer = new_gap - unexplained * _change_share(motion[:, MOUTH])
        return new_gap - closer.maximum(new_gap.clamp(max=_TOUCHING))


def _change_share(motion: Float[Tensor, "batch points 2"]) -> Float[Tensor, "batch 1"]:
    """How much this motion of a region changes its expression, 0 to 1."""
    moved = motion.square().sum(dim=2).sqrt().mean(dim=1, keepdim=True)
    return 1 - (-moved / _FULL_CHANGE).exp()


class LandmarkMotion:
    """Landmarks, poses and unit motion of a set of faces, from which each view takes its own."""

    def __init__(self, faces: FaceSet, units: Float[Tensor, "faces 52"]) -> None:
        device = faces.landmarks.device
        self.places = faces.landmarks[:, CONTOUR:]
        self.known = (self.places.abs().sum(dim=(1, 2)) > 0).float()
        self.projection = torch.from_numpy(projections(faces.pose.cpu().numpy())).to(device)
        basis = torch.from_numpy(unit_motion()[CONTOUR:]).to(device)
        ahead = (self.known > 0) & (faces.pose.abs().amax(dim=1) < _AHEAD)
        straight = torch.from_numpy(projections(np.zeros((1, 2)))[0]).to(device)
        motion = torch.einsum("ij,ljk->lik", straight, basis)
        # The head model moves some units farther than people do, its grin for one; this puts all on one scale.
        self.basis = basis * motion_shares(self.places[ahead], units[ahead], motion) / SHARE

    def in_views(self, chosen: Tensor, placement: Placement) -> LandmarkBatch:
        """The landmarks of the chosen faces in their random views."""
        inverse = torch.linalg.inv(placement.rows[:, :, :2])
        return LandmarkBatch(
            places=placement.moved(self.places[chosen]),
            known=self.known[chosen],
            projection=inverse @ self.projection[chosen],
            mirrored=placement.mirrored,
            basis=self.basis,
        )
