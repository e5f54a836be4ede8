"""Bake the light that reaches each point of the head into the bundled head asset."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from fer_demo.synthetic.head_model import HEAD_ASSET, HeadModel, read_head_model
from fer_demo.synthetic.kernels import vertex_normals
from fer_demo.synthetic.parts import TONGUE
from fer_demo.synthetic.rasterizer import rasterize
from fer_demo.synthetic.units import as_units, sides

_DIRECTIONS = 160
_SIDE = 384  # of the depth picture taken from each direction
_FIELD = 4.4  # its width in head units
_BIAS = 0.03
# A point counts as lit as in its most open pose, because the mouth and the eyes move; moved poses count a little less.
_POSES: tuple[dict[str, float], ...] = (
    {},
    {"jawOpen": 0.8},
    {"mouthUpperUp": 0.6, "mouthLowerDown": 0.65, "mouthStretch": 0.35, "jawOpen": 0.15},
    {"eyeBlink": 1.0},
    {"mouthSmile": 0.65, "jawOpen": 0.3},
)
_MOVED_POSE_SHARE = 0.8


def _sphere(count: int) -> np.ndarray:
    """Evenly spread unit vectors (count, 3): a Fibonacci lattice."""
    step = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * step / count), np.pi * (1 + 5**0.5) * step
    return np.stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], axis=1)


def _seen_from(points: np.ndarray, triangles: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Which vertices a far viewer in this direction sees (vertices,) bool."""
    helper = [0.0, 1.0, 0.0] if abs(direction[1]) < 0.9 else [1.0, 0.0, 0.0]
    right = np.cross(helper, direction)
    right /= np.linalg.norm(right)
    turned = (points @ np.stack([right, np.cross(direction, right), direction], axis=1)).astype(np.float32)
    turned[:, :2] = turned[:, :2] * (_SIDE / _FIELD) + _SIDE / 2
    uv, opaque = np.zeros((len(triangles), 3, 2), np.float32), np.ones((2, 1, 1), np.float32)
    plain = np.zeros(len(triangles), np.int32)
    depth = rasterize(turned, triangles, uv, plain, opaque, _SIDE, from_camera=False).depth
    pixel = turned[:, :2].astype(int)
    inside = ((pixel >= 0) & (pixel < _SIDE)).all(1)
    pixel = np.clip(pixel, 0, _SIDE - 1)
    return ~inside | (turned[:, 2] >= depth[pixel[:, 1], pixel[:, 0]] - _BIAS)


def bake_occlusion(head: HeadModel) -> np.ndarray:
    """Share of an evenly bright surrounding that reaches each vertex (vertices,), 0..1."""
    triangles = head.triangles[head.material <= TONGUE]
    best = np.zeros(len(head.rest))
    for number, pose in enumerate(_POSES):
        units = as_units({side: weight for stem, weight in pose.items() for side in sides(stem)})
        points = head.displaced(head.coarse, np.asarray(units, np.float32))
        normals = vertex_normals(points, triangles)
        received, possible = np.zeros(len(points)), np.zeros(len(points))
        for direction in _sphere(_DIRECTIONS):
            facing = np.maximum(normals @ direction, 0)
            received += facing * _seen_from(points, triangles, direction)
            possible += facing
        best = np.maximum(best, received / np.maximum(possible, 1e-6) * (_MOVED_POSE_SHARE if number else 1.0))
    return best.astype(np.float32)


def main() -> None:
    """Rewrite an asset with its occlusion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("asset", type=Path, nargs="?", default=HEAD_ASSET)
    asset = parser.parse_args().asset
    with np.load(asset) as file:
        arrays = {name: file[name] for name in file.files if name != "occlusion"}
    occlusion = bake_occlusion(read_head_model(asset))
    np.savez_compressed(asset, **arrays, occlusion=occlusion.astype(np.float16))


if __name__ == "__main__":
    main()
