"""Catmull-Clark subdivision of a quad mesh as one sparse matrix (Catmull and Clark 1978)."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def _edges(quads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unique edges (edges, 2) and, for each quad corner k, the edge from corner k to k + 1 (quads, 4)."""
    pairs = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)
    unique, inverse = np.unique(np.sort(pairs, axis=1), axis=0, return_inverse=True)
    return unique, inverse.reshape(-1, 4)


def _incidence(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(rows.size), (rows.ravel(), columns.ravel())), shape)


def _scaled(factors: np.ndarray, matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.diags(factors) @ matrix


def catmull_clark(quads: np.ndarray, vertices: int) -> tuple[sparse.csr_matrix, np.ndarray]:
    """One level of subdivision.

    Returns a float32 matrix (vertices + edges + quads, vertices) that maps coarse to fine positions, whose first rows
    are the moved old vertices, and the fine quads (4 * quads, 4) grouped by their parent.
    """
    quads = quads.astype(np.int64)
    count = len(quads)
    edges, quad_edges = _edges(quads)
    corner_rows = np.repeat(np.arange(count), 4)
    face_points = 0.25 * _incidence(corner_rows, quads, (count, vertices))
    edge_of_faces = _incidence(quad_edges, corner_rows, (len(edges), count))
    edge_middles = 0.5 * _incidence(np.repeat(np.arange(len(edges)), 2), edges, (len(edges), vertices))
    on_border = np.asarray(edge_of_faces.sum(1)).ravel() != 2

    edge_points = _scaled(np.where(on_border, 1.0, 0.5), edge_middles)
    edge_points += _scaled(np.where(on_border, 0.0, 0.25), edge_of_faces @ face_points)

    vertex_faces = _incidence(quads, corner_rows, (vertices, count))
    vertex_edges = _incidence(edges, np.repeat(np.arange(len(edges)), 2), (vertices, len(edges)))
    vertex_points = _moved_vertices(vertex_faces, vertex_edges, face_points, edge_middles, on_border)
    matrix = sparse.vstack([vertex_points, edge_points, face_points]).tocsr().astype(np.float32)

    middle = vertices + len(edges) + np.arange(count)
    children = [
        np.stack([quads[:, k], vertices + quad_edges[:, k], middle, vertices + quad_edges[:, k - 1]], axis=1)
        for k in range(4)
    ]
    return matrix, np.stack(children, axis=1).reshape(-1, 4)


def _moved_vertices(
    vertex_faces: sparse.csr_matrix,
    vertex_edges: sparse.csr_matrix,
    face_points: sparse.csr_matrix,
    edge_middles: sparse.csr_matrix,
    on_border: np.ndarray,
) -> sparse.csr_matrix:
    """New positions of the old vertices: (Q + 2 R + (n - 3) P) / n inside, the cubic B-spline rule on a border."""
    faces = np.asarray(vertex_faces.sum(1)).ravel()
    valence = np.maximum(faces, 1)
    edge_count = np.maximum(np.asarray(vertex_edges.sum(1)).ravel(), 1)
    border_edges = vertex_edges[:, np.flatnonzero(on_border)]
    border_count = np.asarray(border_edges.sum(1)).ravel()
    border, used = border_count > 0, faces > 0
    inner = used & ~border
    moved = _scaled(np.where(inner, 1 / valence**2, 0), vertex_faces @ face_points)
    moved += _scaled(np.where(inner, 2 / valence / edge_count, 0), vertex_edges @ edge_middles)
    keep = np.where(inner, (valence - 3) / valence, np.where(border & used, 0.5, 1.0))
    moved += sparse.diags(keep)
    along = border_edges @ edge_middles[np.flatnonzero(on_border)]
    return moved + _scaled(np.where(border & used, 0.5 / np.maximum(border_count, 1), 0), along)


def subdivide_corners(corners: np.ndarray) -> np.ndarray:
    """Linear subdivision of per-corner values (quads, 4, channels) in the order of `catmull_clark`'s fine quads."""
    after, before = np.roll(corners, -1, axis=1), np.roll(corners, 1, axis=1)
    centre = np.broadcast_to(corners.mean(axis=1, keepdims=True), corners.shape)
    children = np.stack([corners, (corners + after) / 2, centre, (corners + before) / 2], axis=2)
    return children.reshape(-1, 4, corners.shape[-1])


def triangulate(quads: np.ndarray) -> np.ndarray:
    """Two triangles per quad, all first halves before all second halves."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
