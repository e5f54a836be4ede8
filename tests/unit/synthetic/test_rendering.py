"""Pictures and their ground truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_demo.synthetic.drawing import draw_background, draw_glasses, draw_hair, draw_light
from fer_demo.synthetic.expression_recipes import draw_expression
from fer_demo.synthetic.factors import Pose, SyntheticFace
from fer_demo.synthetic.head_model import HeadModel
from fer_demo.synthetic.parts import Segment
from fer_demo.synthetic.rendering import render
from fer_demo.synthetic.units import UNIT_INDEX

SIZE = 96


def surprised(face: SyntheticFace) -> SyntheticFace:
    return replace(face, expression=draw_expression(np.random.default_rng(0), "surprise", 1.0))


def test_the_same_face_gives_the_same_pixels(head: HeadModel, face: SyntheticFace) -> None:
    first = render(head, face, SIZE)
    render(head, surprised(face), SIZE)
    again = render(head, face, SIZE)
    assert first.image.shape == (SIZE, SIZE, 3)
    assert first.image.dtype == np.uint8
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.landmarks68, again.landmarks68)


def test_another_expression_keeps_everything_outside_the_head(head: HeadModel, face: SyntheticFace) -> None:
    neutral, moved = render(head, face, SIZE), render(head, surprised(face), SIZE)
    both = (neutral.segmentation == Segment.BACKGROUND) & (moved.segmentation == Segment.BACKGROUND)
    inner = both.copy()  # a pixel on an edge mixes in what lies beside it
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        inner &= np.roll(both, step, axis)
    np.testing.assert_array_equal(neutral.image[inner], moved.image[inner])
    assert inner.mean() > 0.1
    top = neutral.landmarks68[27:31]
    np.testing.assert_allclose(top, moved.landmarks68[27:31], atol=1.5)
    assert neutral.head_pose == moved.head_pose


def test_another_background_keeps_the_face(head: HeadModel, face: SyntheticFace) -> None:
    other = replace(face, background=draw_background(np.random.default_rng(99)))
    first, second = render(head, face, SIZE), render(head, other, SIZE)
    eyes = first.segmentation == Segment.EYE
    np.testing.assert_array_equal(first.image[eyes], second.image[eyes])
    np.testing.assert_array_equal(first.segmentation, second.segmentation)
    assert (first.image != second.image).any()


@pytest.mark.parametrize("factor", ["hair", "light", "glasses"])
def test_appearance_never_moves_the_labels(head: HeadModel, face: SyntheticFace, factor: str) -> None:
    draw = {"hair": draw_hair, "light": draw_light, "glasses": _some_glasses}[factor]
    first = render(head, face, SIZE)
    second = render(head, replace(face, **{factor: draw(np.random.default_rng(5))}), SIZE)
    np.testing.assert_array_equal(first.landmarks68, second.landmarks68)
    np.testing.assert_array_equal(first.units, second.units)
    assert (first.image != second.image).any()


def _some_glasses(rng: np.random.Generator) -> object:
    while (glasses := draw_glasses(rng)) is None:
        pass
    return glasses


def test_landmarks_lie_on_the_features_they_name(head: HeadModel, face: SyntheticFace) -> None:
    rendering = render(head, surprised(face), 128)
    eyes = [rendering.landmarks68[36:42].mean(0), rendering.landmarks68[42:48].mean(0)]
    mouth = rendering.landmarks68[60:68].mean(0)
    for point, segment in ((eyes[0], Segment.EYE), (eyes[1], Segment.EYE), (mouth, Segment.MOUTH_INSIDE)):
        column, row = point.astype(int)
        assert rendering.segmentation[row, column] == segment


def test_landmarks_follow_the_order_of_ibug(head: HeadModel, face: SyntheticFace) -> None:
    points = render(head, face, SIZE).landmarks68
    assert (np.diff(points[:17, 0]) > 0).all()  # jaw from left to right
    assert points[8, 1] == points[:, 1].max()  # the chin is lowest
    assert (np.diff(points[17:27, 0]) > 0).all()  # brows from left to right
    assert (np.diff(points[27:31, 1]) > 0).all()  # nose from above
    assert points[36, 0] < points[39, 0] < points[42, 0] < points[45, 0]
    assert points[37, 1] < points[41, 1]  # upper lid above lower lid
    assert points[48, 0] < points[51, 0] < points[54, 0]
    assert points[51, 1] < points[62, 1] <= points[66, 1] < points[57, 1]


def test_an_open_jaw_lowers_chin_and_lower_lip(head: HeadModel, face: SyntheticFace) -> None:
    neutral, moved = (render(head, f, SIZE).landmarks68 for f in (face, surprised(face)))
    assert moved[8, 1] - neutral[8, 1] > 3
    assert moved[66, 1] - moved[62, 1] > 3


def test_a_turned_head_moves_the_nose_towards_its_side(head: HeadModel, face: SyntheticFace) -> None:
    points = render(head, replace(face, pose=Pose(yaw=25)), SIZE).landmarks68
    assert points[30, 0] > (points[36, 0] + points[45, 0]) / 2 + 5


def test_units_join_expression_and_gaze(head: HeadModel, face: SyntheticFace) -> None:
    units = render(head, replace(surprised(face), pose=Pose(gaze=(0.3, -0.2))), SIZE).units
    assert units[UNIT_INDEX["eyeLookOutLeft"]] == pytest.approx(0.3)
    assert units[UNIT_INDEX["eyeLookDownRight"]] == pytest.approx(0.2)
    assert units[UNIT_INDEX["eyeLookOutRight"]] == 0
    assert units[UNIT_INDEX["jawOpen"]] > 0.3


def test_the_box_holds_all_landmarks(head: HeadModel, face: SyntheticFace) -> None:
    rendering = render(head, face, SIZE)
    left, top, right, bottom = rendering.box
    assert (rendering.landmarks68 >= [left, top]).all()
    assert (rendering.landmarks68 <= [right, bottom]).all()
    assert top < rendering.landmarks68[:, 1].min()
