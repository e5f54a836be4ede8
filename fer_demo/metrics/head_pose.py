"""Head pose from five points, to see whether an edit turned the head."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

# Eyes, nose tip and mouth corners of the resting synthetic head, in units of its own; x right, y up, z to the viewer.
HEAD = np.array(
    [(-0.325, 0.089, 0.489), (0.325, 0.089, 0.489), (0, -0.290, 0.777), (-0.253, -0.591, 0.519), (0.253, -0.591, 0.519)]
)


def head_pose(points: Float[np.ndarray, "5 2"]) -> Float[np.ndarray, "3"]:
    """Yaw, pitch and roll in degrees, as in `FaceRecord.head_pose`, of a head seen from afar (scaled orthography).

    Found as the affine view of the mean head that fits the points best, and the rotation nearest to it. Faces differ
    from the mean head by some ten degrees, mostly of pitch, and a fallen jaw reads as a raised head: the change within
    one person is worth more than the angles.
    """
    model = HEAD - HEAD.mean(axis=0)
    seen = (points - points.mean(axis=0)) * (1, -1)  # pictures count rows downwards
    view = np.linalg.lstsq(model, seen, rcond=None)[0].T  # (2, 3)
    left, _, right = np.linalg.svd(view, full_matrices=False)
    first, second = left @ right
    third = np.cross(first, second)
    # The rotation is Rz(roll) Rx(pitch) Ry(yaw).
    pitch = np.arcsin(np.clip(third @ (0, 1, 0), -1, 1))
    yaw = np.arctan2(-third[0], third[2])
    roll = np.arctan2(-first[1], second[1])
    return np.degrees([yaw, pitch, roll])


def pose_drift(before: Float[np.ndarray, "5 2"], after: Float[np.ndarray, "5 2"]) -> float:
    """The largest change of yaw, pitch or roll between two pictures, in degrees."""
    change = head_pose(after) - head_pose(before)
    return float(np.abs((change + 180) % 360 - 180).max())


def average_pose_distance(one: Float[np.ndarray, "5 2"], other: Float[np.ndarray, "5 2"]) -> float:
    """APD: the mean difference of yaw, pitch and roll, in degrees."""
    change = head_pose(other) - head_pose(one)
    return float(np.abs((change + 180) % 360 - 180).mean())
