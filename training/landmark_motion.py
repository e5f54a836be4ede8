"""Where the landmarks of a real face must go when its units change: what the head model does, seen from its side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from fer_demo.faces.alignment import five_points, similarity
from fer_demo.synthetic.camera import rotation
from fer_demo.synthetic.factors import Pose
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.landmarks import LANDMARK_VERTICES
from fer_demo.synthetic.units import UNITS
from training.augmentation import Placement
from training.face_set import MARGIN, FaceSet
from training.mirroring import units_in_mirror

CONTOUR = 17  # the first landmarks lie where the face ends, which is another place of the skin in every pose


@dataclass(frozen=True)
class SeenLandmarks:
    """The 51 landmarks inside real faces, and how their units move them in these views."""

    places: Float[Tensor, "batch 51 2"]  # from -1 to 1 across the view
    known: Float[Tensor, " batch"]  # 0 where nobody found landmarks
    projection: Float[Tensor, "batch 2 3"]  # from the head's axes to the view
    mirrored: Bool[Tensor, " batch"]
    basis: Float[Tensor, "51 3 52"]  # of every unit, along the head's axes

    def motion(self, change: Float[Tensor, "batch 52"]) -> Float[Tensor, "batch 51 2"]:
        """How far the landmarks go when the units seen in the view change so much, in the unit of `places`."""
        # Mirrored landmarks keep their numbers, so the units get the names back that they have on the head.
        on_head = units_in_mirror(change, self.mirrored)
        return torch.einsum("bij,ljk,bk->bli", self.projection, self.basis, on_head)


class LandmarkMotion:
    """The motion of many faces' landmarks, ready for their views."""

    def __init__(self, faces: FaceSet) -> None:
        device = faces.landmarks.device
        self.places = faces.landmarks[:, CONTOUR:]
        self.known = (self.places.abs().sum(dim=(1, 2)) > 0).float()
        self.projection = torch.from_numpy(projections(faces.pose.cpu().numpy())).to(device)
        self.basis = torch.from_numpy(unit_motion()[CONTOUR:]).to(device)

    def seen(self, chosen: Tensor, placement: Placement) -> SeenLandmarks:
        """The landmarks of the chosen faces where their views show them."""
        inverse = torch.linalg.inv(placement.rows[:, :, :2])
        return SeenLandmarks(
            places=placement.moved(self.places[chosen]),
            known=self.known[chosen],
            projection=inverse @ self.projection[chosen],
            mirrored=placement.mirrored,
            basis=self.basis,
        )


def unit_motion() -> Float[np.ndarray, "68 3 52"]:
    """How far each unit at weight 1 moves each landmark of the resting head, along its axes."""
    head = load_head_model()
    still, *shown = (
        head.displaced(head.coarse, units)[LANDMARK_VERTICES]
        for units in np.eye(len(UNITS) + 1, len(UNITS), -1, dtype=np.float32)  # a row of zeros, then one unit each
    )
    return np.stack([points - still for points in shown], axis=-1)


def projections(poses: Float[np.ndarray, "faces 2"]) -> Float[np.ndarray, "faces 2 3"]:
    """From the head's axes to the stored crop, which is 2 wide, for heads turned by yaw and pitch in degrees.

    The alignment has taken the roll out. The camera's distance is left out: its lens is long.
    """
    head = load_head_model()
    rest = head.rest[LANDMARK_VERTICES]
    rows = []
    for yaw, pitch in poses:
        onto_picture = rotation(Pose(yaw=float(yaw), pitch=float(pitch)))[:2] * [[1], [-1]]  # right and down
        onto_crop = similarity(five_points(rest @ onto_picture.T), 2, MARGIN)[:, :2]
        rows.append(onto_crop @ onto_picture)
    return np.stack(rows).astype(np.float32)
