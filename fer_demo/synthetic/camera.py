"""Where a head stands in front of the camera, and where its points land in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fer_demo.synthetic.factors import Pose

FIELD = 2.2  # height of the picture in head units: hair and collar are in it
DISTANCE = 11.0  # from the camera to the middle of the head: a long lens, so near and far parts differ little in size


def rotation(pose: Pose) -> np.ndarray:
    """Rotation matrix (3, 3) of a head: yaw about its own axis first, then pitch, then roll."""
    yaw, pitch, roll = np.radians([pose.yaw, pose.pitch, pose.roll])
    about_y = [[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]
    about_x = [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    about_z = [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    return (np.array(about_z) @ np.array(about_x) @ np.array(about_y)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera that looks along -z."""

    turn: np.ndarray  # (3, 3) rotation of the head
    centre: np.ndarray  # (3,) point of the head that stays in the middle of the picture
    unit: float  # length of a head unit on this head
    scale: float
    shift: tuple[float, float]

    def turned(self, points: np.ndarray) -> np.ndarray:
        """Head points (points, 3) in camera axes: x right, y up, z towards the viewer, head units."""
        return ((points - self.centre) / np.float32(self.unit) @ self.turn.T).astype(np.float32)

    def project(self, turned: np.ndarray, size: int) -> np.ndarray:
        """Camera points (points, 3) to pixels of a picture of `size`: x right, y down, and z unchanged."""
        pixels = size / FIELD * self.scale * DISTANCE / (DISTANCE - turned[:, 2])
        x = turned[:, 0] * pixels + size * (0.5 + self.shift[0])
        y = -turned[:, 1] * pixels + size * (0.5 + self.shift[1])
        return np.stack([x, y, turned[:, 2]], axis=1).astype(np.float32)
