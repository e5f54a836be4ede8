"""Light on surfaces: one key light with a shadow map, coloured surroundings, skin that lets light wrap; compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from fer_demo.synthetic.materials import Material, Paint, material_at
from fer_demo.synthetic.parts import HAIR_SHEET, LAST_CLOSED, LEFT_EYE, LOWER_TEETH, RIGHT_EYE, SKIN, UPPER_TEETH
from fer_demo.synthetic.rasterizer import Fragments

_WRAP = (0.38, 0.20, 0.14)  # how far light travels around the terminator in skin, by colour
_SHADOW_BIAS = 0.045
_SHADOW_OFFSET = 0.02


class Surface(NamedTuple):
    """Everything in front of the camera, turned into camera axes (x right, y up, z towards the viewer)."""

    points: np.ndarray  # (vertices, 3)
    normals: np.ndarray  # (vertices, 3)
    triangles: np.ndarray  # (triangles, 3) int32
    uv: np.ndarray  # (triangles, 3, 2)
    material: np.ndarray  # (triangles,) int32
    occlusion: np.ndarray  # (vertices,)
    crease: np.ndarray  # (vertices,) 0..1, how much the skin is folded
    space: np.ndarray  # (vertices, 3) painting coordinates


class Lamps(NamedTuple):
    """The lights of a scene and the key light's shadow map."""

    direction: np.ndarray  # (3,) towards the key light
    key: np.ndarray  # (3,)
    sky: np.ndarray  # (3,)
    ground: np.ndarray  # (3,)
    side: np.ndarray  # (3,)
    basis: np.ndarray  # (3, 3) rows: right, up and forward as the key light sees them
    depth: np.ndarray  # (pixels, pixels) nearest surface to the key light
    scale: float  # shadow map pixels per head unit
    shadow: float
    gain: float


@numba.njit(fastmath=True, nogil=True, cache=True)
def _mix(values: np.ndarray, a: int, b: int, c: int, w: tuple[float, float, float], k: int) -> float:
    return w[0] * values[a, k] + w[1] * values[b, k] + w[2] * values[c, k]


@numba.njit(fastmath=True, nogil=True, cache=True)
def _reached(depth: np.ndarray, row: int, column: int, near: float) -> int:
    """1 if nothing in the shadow map lies before a point, else 0."""
    side = depth.shape[0]
    outside = column < 0 or row < 0 or column >= side or row >= side
    return 1 if outside or near > depth[row, column] - _SHADOW_BIAS else 0


@numba.njit(fastmath=True, nogil=True, cache=True)
def _lit_share(lamps: Lamps, x: float, y: float, z: float) -> float:
    """Share of a 5 x 5 neighbourhood of the shadow map that the key light reaches."""
    side = lamps.depth.shape[0]
    basis = lamps.basis
    column = int((x * basis[0, 0] + y * basis[0, 1] + z * basis[0, 2]) * lamps.scale + side / 2)
    row = int((x * basis[1, 0] + y * basis[1, 1] + z * basis[1, 2]) * lamps.scale + side / 2)
    near = x * basis[2, 0] + y * basis[2, 1] + z * basis[2, 2]
    corners = 0
    for j in (row - 2, row + 2):
        for i in (column - 2, column + 2):
            corners += _reached(lamps.depth, j, i, near)
    centre = _reached(lamps.depth, row, column, near)
    if corners == 4 * centre:  # all agree: no edge of a shadow is near
        return float(centre)
    lit = 0
    for j in range(row - 2, row + 3):
        for i in range(column - 2, column + 3):
            lit += _reached(lamps.depth, j, i, near)
    return lit / 25.0


@numba.njit(fastmath=True, nogil=True, cache=True)
def _shade_point(
    m: int, look: Material, normal: tuple[float, float, float], lit: float, lamps: Lamps, out: np.ndarray
) -> None:
    """Add up the light that leaves one point: surroundings, key light, highlight."""
    nx, ny, nz = normal
    towards = lamps.direction
    facing = nx * towards[0] + ny * towards[1] + nz * towards[2]
    # half vector between the key light and the viewer at (0, 0, 1), Blinn 1977
    half_length = math.sqrt(towards[0] ** 2 + towards[1] ** 2 + (towards[2] + 1) ** 2) + 1e-9
    along_half = max(0.0, (nx * towards[0] + ny * towards[1] + nz * (towards[2] + 1)) / half_length)
    rim = 0.35 + 0.65 * (1 - max(nz, 0.0)) ** 2
    highlight = 0.0
    if facing > 0:
        highlight = look.shine * along_half**look.hardness * lit * (0.6 + rim)
    upward = 0.5 + 0.5 * ny
    albedo = (look.red, look.green, look.blue)
    for k in range(3):
        wrap = _WRAP[k] * look.softness
        diffuse = max((facing + wrap) / (1 + wrap), 0.0)
        around = lamps.sky[k] * upward + lamps.ground[k] * (1 - upward) + lamps.side[k] * nx
        # light between skin folds is red: the other colours are absorbed at every bounce
        reach = look.occlusion**1.25 if m == SKIN and k > 0 else look.occlusion
        direct = lamps.key[k] * diffuse * lit * (0.35 + 0.65 * look.occlusion)
        out[k] = (albedo[k] * (around * reach + direct) + highlight * lamps.key[k]) * lamps.gain


@numba.njit(fastmath=True, nogil=True, cache=True)
def shade(
    seen: Fragments, surface: Surface, paint: Paint, lamps: Lamps, image: np.ndarray, segments: np.ndarray
) -> None:
    """Fill `image` (size, size, 3), linear RGB that already holds the background, and `segments` (size, size)."""
    size = seen.triangle.shape[0]
    for row in range(size):
        for column in range(size):
            t = seen.triangle[row, column]
            if t < 0:
                continue
            w1, w2 = seen.weight1[row, column], seen.weight2[row, column]
            w = (1 - w1 - w2, w1, w2)
            a, b, c = surface.triangles[t, 0], surface.triangles[t, 1], surface.triangles[t, 2]
            m = surface.material[t]
            nx, ny, nz = (
                _mix(surface.normals, a, b, c, w, 0),
                _mix(surface.normals, a, b, c, w, 1),
                _mix(surface.normals, a, b, c, w, 2),
            )
            length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9
            nx, ny, nz = nx / length, ny / length, nz / length
            inner = m == HAIR_SHEET and nz < 0
            if m > LAST_CLOSED and nz < 0:
                nx, ny, nz = -nx, -ny, -nz
            uv = (
                w[0] * surface.uv[t, 0, 0] + w1 * surface.uv[t, 1, 0] + w2 * surface.uv[t, 2, 0],
                w[0] * surface.uv[t, 0, 1] + w1 * surface.uv[t, 1, 1] + w2 * surface.uv[t, 2, 1],
            )
            space = (
                _mix(surface.space, a, b, c, w, 0),
                _mix(surface.space, a, b, c, w, 1),
                _mix(surface.space, a, b, c, w, 2),
            )
            crease = w[0] * surface.crease[a] + w1 * surface.crease[b] + w2 * surface.crease[c]
            occlusion = w[0] * surface.occlusion[a] + w1 * surface.occlusion[b] + w2 * surface.occlusion[c]
            look = material_at(paint, m, uv, space, crease, occlusion, ny, inner)
            lit = _lit_share(
                lamps,
                _mix(surface.points, a, b, c, w, 0) + nx * _SHADOW_OFFSET,
                _mix(surface.points, a, b, c, w, 1) + ny * _SHADOW_OFFSET,
                _mix(surface.points, a, b, c, w, 2) + nz * _SHADOW_OFFSET,
            )
            if m == UPPER_TEETH or m == LOWER_TEETH:
                lit = 0.45 + 0.55 * lit
            elif m == LEFT_EYE or m == RIGHT_EYE:
                lit = 0.30 + 0.70 * lit
            _shade_point(m, look, (nx, ny, nz), 1 - lamps.shadow * (1 - lit), lamps, image[row, column])
            segments[row, column] = look.segment
