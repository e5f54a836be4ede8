"""How the head model's units move its landmarks, and how it is projected onto a picture."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from fer_demo.faces.alignment import five_points, similarity
from fer_demo.synthetic.camera import rotation
from fer_demo.synthetic.factors import Pose
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.landmarks import LANDMARK_VERTICES
from fer_demo.synthetic.units import UNITS
from training.data.face_set import MARGIN


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

    The alignment has removed the roll. Perspective is ignored: the lens is long.
    """
    head = load_head_model()
    rest = head.rest[LANDMARK_VERTICES]
    rows = []
    for yaw, pitch in poses:
        onto_picture = rotation(Pose(yaw=float(yaw), pitch=float(pitch)))[:2] * [[1], [-1]]  # right and down
        onto_crop = similarity(five_points(rest @ onto_picture.T), 2, MARGIN)[:, :2]
        rows.append(onto_crop @ onto_picture)
    return np.stack(rows).astype(np.float32)
