"""Spectacle frames as thin tubes around the eyes."""

from __future__ import annotations

import numpy as np

from fer_demo.synthetic.factors import Glasses
from fer_demo.synthetic.head_model import HeadModel
from fer_demo.synthetic.parts import LEFT_EYE, RIGHT_EYE
from fer_demo.synthetic.subdivision import triangulate

_SIDES = 6  # of a tube's cross-section
_TUBE = 0.016  # its radius in head units


def glasses_mesh(head: HeadModel, still: np.ndarray, glasses: Glasses) -> tuple[np.ndarray, np.ndarray]:
    """Points (points, 3) and triangles of a frame that sits on the resting fine vertices `still`."""
    left, right = ((lambda eye: (eye.min(0) + eye.max(0)) / 2)(still[head.vertices_of(m)]) for m in (LEFT_EYE, RIGHT_EYE))
    front = max(left[2], right[2]) + 0.26
    paths = [_rim(eye, front, glasses) for eye in (left, right)]
    inner_left, inner_right = left[0] - glasses.width, right[0] + glasses.width
    height = (left[1] + right[1]) / 2 + 0.03
    middle = (inner_left + inner_right) / 2
    bridge = [[inner_right, height, front], [middle, height + 0.03, front + 0.03], [inner_left, height, front]]
    paths.append(np.array(bridge))
    for eye, side in ((left, 1.0), (right, -1.0)):
        hinge = eye[0] + side * glasses.width
        paths.append(np.array([[hinge, height + 0.03, front - 0.02], [side * 0.84, height + 0.03, -0.15]]))
    return _joined([_tube(path.astype(np.float32), closed=index < 2) for index, path in enumerate(paths)])


def _rim(eye: np.ndarray, front: float, glasses: Glasses) -> np.ndarray:
    """A superellipse around one eye."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    power = 0.45 + 0.55 * glasses.roundness
    across = glasses.width * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    tall = glasses.width * (0.66 + 0.28 * glasses.roundness)
    up = tall * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
    curve = -0.25 * (eye[0] + across) ** 2  # the frame bends around the face
    return np.stack([eye[0] + across, eye[1] - 0.02 + up, front + curve + 0.02], axis=1)


def _tube(path: np.ndarray, *, closed: bool) -> tuple[np.ndarray, np.ndarray]:
    """A tube of _SIDES around a path (steps, 3)."""
    steps = len(path)
    along = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, np.array([0.31, 0.17, 0.94]))
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    third = np.cross(along, across)
    angle = np.linspace(0, 2 * np.pi, _SIDES, endpoint=False)
    ring = across[:, None] * np.cos(angle)[:, None] + third[:, None] * np.sin(angle)[:, None]
    points = (path[:, None] + _TUBE * ring).reshape(-1, 3).astype(np.float32)
    step = np.arange(steps if closed else steps - 1)[:, None]
    side = np.arange(_SIDES)[None]
    beside, after = (side + 1) % _SIDES, (step + 1) % steps
    corners = [step * _SIDES + side, step * _SIDES + beside, after * _SIDES + beside, after * _SIDES + side]
    quads = np.stack(corners, axis=-1).reshape(-1, 4)
    return points, triangulate(quads)


def _joined(tubes: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    first = np.cumsum([0, *(len(points) for points, _ in tubes)])
    triangles = [triangles + start for (_, triangles), start in zip(tubes, first, strict=False)]
    return np.concatenate([points for points, _ in tubes]), np.concatenate(triangles).astype(np.int32)
