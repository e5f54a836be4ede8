"""Spectacle frames as thin tubes around the eyes."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from fer_demo.synthetic.factors import Glasses
from fer_demo.synthetic.head_model import HeadModel
from fer_demo.synthetic.parts import LEFT_EYE, RIGHT_EYE, SKIN
from fer_demo.synthetic.subdivision import triangulate

_SIDES = 6  # of a tube's cross-section
_TUBE = 0.016  # its radius in head units
_CLEARANCE = 0.06  # between the skin and the rims: brows come forward when they are drawn down
_EAR = -0.30  # depth at which the temples disappear behind the ears


def glasses_mesh(head: HeadModel, still: np.ndarray, glasses: Glasses) -> tuple[np.ndarray, np.ndarray]:
    """Points (points, 3) and triangles of a frame that sits on the resting fine vertices `still`."""
    left, right = (_middle(still[head.vertices_of(eye)]) for eye in (LEFT_EYE, RIGHT_EYE))
    rims = [_rim(eye, glasses) for eye in (left, right)]
    skin = still[head.vertices_of(SKIN)]
    front = _front(skin, np.concatenate(rims))
    for rim in rims:
        rim[:, 2] += front
    height = (left[1] + right[1]) / 2 + 0.03
    inner_left, inner_right = left[0] - glasses.width, right[0] + glasses.width
    bridge = [
        [inner_right, height, front],
        [(inner_left + inner_right) / 2, height + 0.03, front + 0.03],
        [inner_left, height, front],
    ]
    beside = skin[(np.abs(skin[:, 1] - height) < 0.08) & (skin[:, 2] > -0.16) & (skin[:, 2] < 0.1)]
    temples = []
    for eye, side in ((left, 1.0), (right, -1.0)):
        hinge = eye[0] + side * glasses.width
        width = max(float((beside[:, 0] * side).max()), abs(hinge)) + 0.02
        temples.append([[hinge, height + 0.03, front - 0.03], [side * width, height + 0.04, _EAR]])
    paths = [*rims, np.array(bridge), *(np.array(temple) for temple in temples)]
    return _joined([_tube(path.astype(np.float32), closed=index < 2) for index, path in enumerate(paths)])


def _middle(points: np.ndarray) -> np.ndarray:
    return (points.min(0) + points.max(0)) / 2


def _rim(eye: np.ndarray, glasses: Glasses) -> np.ndarray:
    """A superellipse (steps, 3) around one eye; its depth is relative to the front of the frame."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    power = 0.45 + 0.55 * glasses.roundness
    across = glasses.width * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    tall = glasses.width * (0.66 + 0.28 * glasses.roundness)
    up = tall * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
    bent = -0.35 * (eye[0] + across) ** 2  # the frame bends around the face
    return np.stack([eye[0] + across, eye[1] - 0.03 + up, bent + 0.02], axis=1)


def _front(skin: np.ndarray, rims: np.ndarray) -> float:
    """The smallest depth at which no rim touches the skin; the nose is left out, rims rest on its sides."""
    facing = skin[(skin[:, 2] > 0.15) & (np.abs(skin[:, 0]) > 0.13)]
    nearest = cKDTree(facing[:, :2]).query(rims[:, :2], k=4)[1]
    return float((facing[nearest, 2].max(1) - rims[:, 2]).max()) + _CLEARANCE


def _tube(path: np.ndarray, *, closed: bool) -> tuple[np.ndarray, np.ndarray]:
    """A tube of _SIDES around a path (steps, 3)."""
    steps = len(path)
    along = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, np.array([0.31, 0.17, 0.94]))
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    third = np.cross(along, across)
    angle = np.linspace(0, 2 * np.pi, _SIDES, endpoint=False)[:, None]
    ring = across[:, None] * np.cos(angle) + third[:, None] * np.sin(angle)
    points = (path[:, None] + _TUBE * ring).reshape(-1, 3).astype(np.float32)
    step = np.arange(steps if closed else steps - 1)[:, None]
    side = np.arange(_SIDES)[None]
    beside, after = (side + 1) % _SIDES, (step + 1) % steps
    corners = [step * _SIDES + side, step * _SIDES + beside, after * _SIDES + beside, after * _SIDES + side]
    return points, triangulate(np.stack(corners, axis=-1).reshape(-1, 4))


def _joined(tubes: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    first = np.cumsum([0, *(len(points) for points, _ in tubes)])
    triangles = [triangles + start for (_, triangles), start in zip(tubes, first, strict=False)]
    return np.concatenate([points for points, _ in tubes]), np.concatenate(triangles).astype(np.int32)
