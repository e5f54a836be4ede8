"""Exact dense flow between two renderings of one head mesh."""

from __future__ import annotations

import numpy as np

from fer_demo.errors import DataError
from fer_demo.synthetic.camera import DISTANCE
from fer_demo.synthetic.rendering import Rendering, SurfaceMap

# A surface point counts as visible if nothing is nearer to the viewer by more than this, in head units. It allows for
# the slope of a surface within one pixel.
_DEPTH_TOLERANCE = 0.03


def dense_flow(a: Rendering, b: Rendering) -> tuple[np.ndarray, np.ndarray]:
    """Where each pixel of `a` went in `b`, so that b sampled at (x, y) + flow shows what a shows at (x, y).

    Returns the flow (S, S, 2) float32 in pixels (x, y), and the pixels (S, S) bool whose surface point is visible in
    both. Hair and glasses take part if both renderings wear the same. The background does not move; it is visible
    where both show it.

    Raises: DataError if a rendering was made without its surface map or the sizes differ.
    """
    if a.surface is None or b.surface is None:
        raise DataError("Dense flow needs surface maps; call render with surface_map=True.")
    if a.image.shape != b.image.shape:
        raise DataError("Dense flow needs two renderings of the same size.")
    size = a.image.shape[0]
    target, depth = _targets(a.surface, b.surface)
    pixels = np.stack(np.meshgrid(np.arange(size), np.arange(size)), axis=-1) + 0.5
    flow = (target - pixels).astype(np.float32)
    common = len(b.surface.triangles) if a.surface.extras == b.surface.extras else a.surface.head_triangles
    known = (a.surface.triangle >= 0) & (a.surface.triangle < common)
    flow[~known] = 0
    column, row = np.floor(target).astype(int).transpose(2, 0, 1)
    inside = (column >= 0) & (row >= 0) & (column < size) & (row < size)
    column, row = np.clip(column, 0, size - 1), np.clip(row, 0, size - 1)
    seen = known & inside & (depth >= b.surface.depth[row, column] - _DEPTH_TOLERANCE)
    empty = (a.surface.triangle < 0) & (b.surface.triangle < 0)
    return flow, seen | empty


def _targets(a: SurfaceMap, b: SurfaceMap) -> tuple[np.ndarray, np.ndarray]:
    """Pixel position (S, S, 2) and depth (S, S) in b of the surface point that each pixel of a shows.

    Screen weights are not surface weights under perspective: a corner at distance d counts 1 / d times its screen
    weight on the surface, and d times its surface weight on the screen (Heckbert and Moreton 1991).
    """
    corners = a.triangles[a.triangle]
    corners = np.minimum(corners, len(b.points) - 1)  # only for triangles that b lacks; they are masked afterwards
    distance_a = DISTANCE - a.points[a.triangles[a.triangle], 2]
    distance_b = DISTANCE - b.points[corners, 2]
    weights = a.weights * distance_b / distance_a
    weights = weights / weights.sum(-1, keepdims=True)
    place = (b.points[corners] * weights[..., None]).sum(2)
    return place[..., :2], place[..., 2]


def warp(image: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Sample an image (H, W, C) at each pixel plus its flow, bilinearly: float32 (H, W, C)."""
    height, width = image.shape[:2]
    row, column = np.mgrid[0:height, 0:width]
    x = np.clip(column + flow[..., 0], 0, width - 1)
    y = np.clip(row + flow[..., 1], 0, height - 1)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    dx, dy = (x - left)[..., None], (y - top)[..., None]
    upper = image[top, left] * (1 - dx) + image[top, right] * dx
    lower = image[bottom, left] * (1 - dx) + image[bottom, right] * dx
    return (upper * (1 - dy) + lower * dy).astype(np.float32)
