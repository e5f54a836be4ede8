"""A z-buffer rasterizer for triangles, compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from fer_demo.synthetic.parts import HAIR_SHEET, HAIR_SHELL, LASHES, LAST_CLOSED

_LASH_OPACITY = 0.38
_LASH_BIAS = 0.006  # lashes lie on the lid: lift them out of it
FAR = np.float32(-1e9)


class Fragments(NamedTuple):
    """What each sub-pixel sees: (size, size) arrays; corner 0 has the rest of the weight."""

    triangle: np.ndarray  # int32, -1 where nothing is
    weight1: np.ndarray  # float32, screen-space barycentric weight of corner 1
    weight2: np.ndarray  # float32, of corner 2
    depth: np.ndarray  # float32, larger = nearer to the viewer


def rasterize(
    points: np.ndarray,
    triangles: np.ndarray,
    uv: np.ndarray,
    material: np.ndarray,
    hair_opacity: np.ndarray,
    size: int,
    *,
    from_camera: bool = True,
) -> Fragments:
    """Draw triangles into a fresh buffer.

    points: (vertices, 3) x right, y down in sub-pixels, z towards the viewer. uv: (triangles, 3, 2).
    hair_opacity: (2, height, width) of the hair shell and the falling sheets. from_camera culls the back faces of
    closed surfaces and dithers opacity over each 3 x 3 block; otherwise (shadow and texture maps) both sides count.
    """
    fragments = Fragments(
        np.full((size, size), -1, np.int32),
        np.zeros((size, size), np.float32),
        np.zeros((size, size), np.float32),
        np.full((size, size), FAR),
    )
    _draw(points, triangles, uv, material, hair_opacity, from_camera, fragments)
    return fragments


@numba.njit(fastmath=True, nogil=True, cache=True)
def _opacity(material: int, u: float, v: float, hair_opacity: np.ndarray) -> float:
    if material == LASHES:
        return _LASH_OPACITY
    layer = 0 if material == HAIR_SHELL else 1
    height, width = hair_opacity.shape[1], hair_opacity.shape[2]
    row = min(max(int((1.0 - v) * height), 0), height - 1)
    column = min(max(int(u * width), 0), width - 1)
    return hair_opacity[layer, row, column]


@numba.njit(fastmath=True, nogil=True, cache=True)
def _first_last(a: float, b: float, c: float, size: int) -> tuple[int, int]:
    """First and last pixel whose centre can lie between the smallest and the largest of three coordinates."""
    return (
        max(0, int(math.ceil(min(a, b, c) - 0.5))),
        min(size - 1, int(math.floor(max(a, b, c) - 0.5))),
    )


@numba.njit(fastmath=True, nogil=True, cache=True)
def _draw(
    points: np.ndarray,
    triangles: np.ndarray,
    uv: np.ndarray,
    material: np.ndarray,
    hair_opacity: np.ndarray,
    from_camera: bool,
    out: Fragments,
) -> None:
    size = out.depth.shape[0]
    for t in range(len(triangles)):
        m = material[t]
        if m == LASHES and not from_camera:
            continue
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0, x1, y1, x2, y2 = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        # y points down, so a front face runs clockwise on paper and has a negative area
        if abs(area) < 1e-9 or (area > 0 and from_camera and m <= LAST_CLOSED):
            continue
        left, right = _first_last(x0, x1, x2, size)
        top, bottom = _first_last(y0, y1, y2, size)
        see_through = m == LASHES or m == HAIR_SHELL or m == HAIR_SHEET
        bias = _LASH_BIAS if m == LASHES else 0.0
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                px, py = x + 0.5, y + 0.5
                w1 = ((px - x0) * (y2 - y0) - (x2 - x0) * (py - y0)) / area
                w2 = ((x1 - x0) * (py - y0) - (px - x0) * (y1 - y0)) / area
                w0 = 1.0 - w1 - w2
                if w0 < 0 or w1 < 0 or w2 < 0:
                    continue
                z = w0 * points[a, 2] + w1 * points[b, 2] + w2 * points[c, 2] + bias
                if z <= out.depth[y, x]:
                    continue
                if see_through:
                    u = w0 * uv[t, 0, 0] + w1 * uv[t, 1, 0] + w2 * uv[t, 2, 0]
                    v = w0 * uv[t, 0, 1] + w1 * uv[t, 1, 1] + w2 * uv[t, 2, 1]
                    # nine different thresholds in every 3 x 3 block: averaging the block gives the opacity back
                    threshold = ((x * 3 + y * 4) % 9) / 9.0 + 0.055 if from_camera else 0.5
                    if _opacity(m, u, v, hair_opacity) < threshold:
                        continue
                out.depth[y, x] = z
                out.triangle[y, x] = t
                out.weight1[y, x] = w1
                out.weight2[y, x] = w2
