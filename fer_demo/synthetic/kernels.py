"""Small compiled helpers on triangle meshes."""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(fastmath=True, nogil=True, cache=True)
def _cross(points: np.ndarray, a: int, b: int, c: int) -> tuple[float, float, float]:
    """Cross product of the two sides of a triangle that leave its first corner: its normal times twice its area."""
    ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx


@numba.njit(fastmath=True, nogil=True, cache=True)
def vertex_normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals (vertices, 3), averaged over the triangles of a vertex by area."""
    normals = np.zeros_like(points)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x, y, z = _cross(points, a, b, c)
        for corner in (a, b, c):
            normals[corner, 0] += x
            normals[corner, 1] += y
            normals[corner, 2] += z
    for i in range(len(normals)):
        length = math.sqrt(normals[i, 0] ** 2 + normals[i, 1] ** 2 + normals[i, 2] ** 2) + 1e-12
        normals[i, 0] /= length
        normals[i, 1] /= length
        normals[i, 2] /= length
    return normals


@numba.njit(fastmath=True, nogil=True, cache=True)
def vertex_areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Area of the triangles around each vertex (vertices,), times a constant."""
    areas = np.zeros(len(points), np.float32)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x, y, z = _cross(points, a, b, c)
        area = math.sqrt(x * x + y * y + z * z)
        areas[a] += area
        areas[b] += area
        areas[c] += area
    return areas


@numba.njit(fastmath=True, nogil=True, cache=True)
def smooth(start: float, end: float, x: float) -> float:
    """Smooth step from 0 at `start` to 1 at `end`."""
    t = min(max((x - start) / (end - start), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)
