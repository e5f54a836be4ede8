"""Catmull-Clark on meshes whose answer is known."""

from __future__ import annotations

import numpy as np

from fer_demo.synthetic.subdivision import catmull_clark, subdivide_corners, triangulate

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
CUBE_QUADS = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])


def test_a_cube_corner_moves_to_five_ninths() -> None:
    matrix, quads = catmull_clark(CUBE_QUADS, 8)
    np.testing.assert_allclose((matrix @ CUBE)[:8], CUBE * 5 / 9, atol=1e-6)
    assert quads.shape == (24, 4)


def test_the_points_of_a_cube_number_corners_edges_and_faces() -> None:
    matrix, _ = catmull_clark(CUBE_QUADS, 8)
    assert matrix.shape == (8 + 12 + 6, 8)
    np.testing.assert_allclose(matrix.sum(1), 1, atol=1e-6)


def test_a_border_keeps_to_the_spline_of_its_edges() -> None:
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    matrix, _ = catmull_clark(np.array([[0, 1, 2, 3]]), 4)
    fine = matrix @ square
    np.testing.assert_allclose(fine[0], [0.125, 0.125, 0], atol=1e-6)
    np.testing.assert_allclose(fine[-1], [0.5, 0.5, 0], atol=1e-6)


def test_an_unused_vertex_stays() -> None:
    matrix, _ = catmull_clark(np.array([[0, 1, 2, 3]]), 5)
    assert matrix[4, 4] == 1


def test_corner_values_follow_the_fine_quads() -> None:
    square = np.array([[0, 0], [2, 0], [2, 2], [0, 2]], float)
    children = subdivide_corners(square[None])
    np.testing.assert_allclose(children[0], [[0, 0], [1, 0], [1, 1], [0, 1]])
    np.testing.assert_allclose(children[2], [[2, 2], [1, 2], [1, 1], [2, 1]])


def test_a_quad_becomes_two_triangles() -> None:
    assert triangulate(np.array([[4, 5, 6, 7]])).tolist() == [[4, 5, 6], [4, 6, 7]]
