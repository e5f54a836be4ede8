"""The rasterizer on a few triangles."""

from __future__ import annotations

import numpy as np

from fer_demo.synthetic.parts import HAIR_SHELL, SKIN
from fer_demo.synthetic.rasterizer import Fragments, rasterize

SIZE = 12


def draw(points: list[list[float]], material: int = SKIN, opacity: float = 1.0, **options: bool) -> Fragments:
    count = len(points) // 3
    return rasterize(
        np.array(points, np.float32),
        np.arange(3 * count, dtype=np.int32).reshape(-1, 3),
        np.full((count, 3, 2), 0.5, np.float32),
        np.full(count, material, np.int32),
        np.full((2, 2, 2), opacity, np.float32),
        SIZE,
        **options,
    )


FRONT = [[0, 0, 0], [0, SIZE, 0], [SIZE, 0, 0]]  # counter-clockwise as the viewer sees it
BACK = [[0, 0, 0], [SIZE, 0, 0], [0, SIZE, 0]]


def test_a_front_face_covers_its_pixel_centres() -> None:
    seen = draw(FRONT)
    row, column = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    np.testing.assert_array_equal(seen.triangle[row + column < SIZE], 0)
    np.testing.assert_array_equal(seen.triangle[row + column > SIZE], -1)


def test_weights_give_the_pixel_back() -> None:
    seen = draw(FRONT)
    covered = seen.triangle == 0
    row, column = np.mgrid[0:SIZE, 0:SIZE] + 0.5
    np.testing.assert_allclose(seen.weight1[covered] * SIZE, row[covered], atol=1e-4)
    np.testing.assert_allclose(seen.weight2[covered] * SIZE, column[covered], atol=1e-4)


def test_back_faces_are_culled_for_the_camera_only() -> None:
    assert (draw(BACK).triangle == -1).all()
    assert (draw(BACK, from_camera=False).triangle == 0).any()


def test_the_nearer_triangle_wins_in_any_order() -> None:
    near = [[x, y, 1.0] for x, y, _ in FRONT]
    assert draw(FRONT + near).triangle[2, 2] == 1
    assert draw(near + FRONT).triangle[2, 2] == 0
    assert draw(near + FRONT).depth[2, 2] == 1


def test_opacity_is_the_share_of_sub_pixels() -> None:
    square = [*FRONT, [SIZE, 0, 0], [0, SIZE, 0], [SIZE, SIZE, 0]]
    for ninths in (0, 3, 7, 9):
        seen = draw(square, HAIR_SHELL, ninths / 9)
        assert (seen.triangle >= 0).mean() == ninths / 9
