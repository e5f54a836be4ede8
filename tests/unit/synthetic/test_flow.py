"""Exact flow between two renderings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_demo.errors import DataError
from fer_demo.synthetic.drawing import draw_hair
from fer_demo.synthetic.expression_recipes import draw_expression
from fer_demo.synthetic.factors import Light, Pose, SyntheticFace
from fer_demo.synthetic.flow import dense_flow, warp
from fer_demo.synthetic.head_model import HeadModel
from fer_demo.synthetic.parts import Segment
from fer_demo.synthetic.rendering import Rendering, render

SIZE = 96


def mapped(head: HeadModel, face: SyntheticFace) -> Rendering:
    return render(head, replace(face, light=Light(shadow=0.4)), SIZE, surface_map=True)


def test_a_picture_does_not_flow_to_itself(head: HeadModel, face: SyntheticFace) -> None:
    rendering = mapped(head, face)
    flow, visible = dense_flow(rendering, rendering)
    assert np.abs(flow).max() < 1e-3
    assert visible.all()


def test_a_shifted_head_flows_by_the_shift(head: HeadModel, face: SyntheticFace) -> None:
    first = mapped(head, face)
    second = mapped(head, replace(face, pose=Pose(shift=(6 / SIZE, -3 / SIZE))))
    flow, visible = dense_flow(first, second)
    on_head = visible & (first.segmentation == Segment.SKIN)
    np.testing.assert_allclose(flow[on_head], np.broadcast_to([6, -3], flow[on_head].shape), atol=2e-3)
    assert on_head.sum() > 0.9 * (first.segmentation == Segment.SKIN).sum()


@pytest.mark.parametrize("expression", ["surprise", "happy", "angry"])
def test_warping_an_expression_back_reproduces_the_neutral_face(
    head: HeadModel, face: SyntheticFace, expression: str
) -> None:
    neutral = mapped(head, face)
    moved = mapped(head, replace(face, expression=draw_expression(np.random.default_rng(1), expression, 0.8)))
    flow, visible = dense_flow(neutral, moved)
    skin = visible & (neutral.segmentation == Segment.SKIN)
    error = np.abs(warp(moved.image, flow) - neutral.image).mean(-1)[skin]
    still = np.abs(moved.image.astype(float) - neutral.image).mean(-1)[skin]
    assert np.median(error) < 2.5  # of 255; folds are shaded differently
    assert error.mean() < 0.9 * still.mean()
    assert np.abs(flow).max() > 2


def test_flow_agrees_with_the_landmarks(head: HeadModel, face: SyntheticFace) -> None:
    first = mapped(head, face)
    second = mapped(head, replace(face, pose=Pose(yaw=15, roll=5)))
    flow, visible = dense_flow(first, second)
    for landmark in (27, 28, 29, 51, 57):
        column, row = first.landmarks68[landmark].astype(int)
        assert visible[row, column]
        expected = second.landmarks68[landmark] - first.landmarks68[landmark]
        np.testing.assert_allclose(flow[row, column], expected, atol=1.0)


def test_the_inside_of_an_opened_mouth_is_not_visible_in_a_closed_one(head: HeadModel, face: SyntheticFace) -> None:
    opened = mapped(head, replace(face, expression=draw_expression(np.random.default_rng(0), "surprise", 1.0)))
    _, visible = dense_flow(opened, mapped(head, face))
    assert visible[opened.segmentation == Segment.MOUTH_INSIDE].mean() < 0.2


def test_different_hair_has_no_common_surface(head: HeadModel, face: SyntheticFace) -> None:
    first = mapped(head, face)
    flow, visible = dense_flow(first, mapped(head, replace(face, hair=draw_hair(np.random.default_rng(8)))))
    strands = first.surface is not None and first.surface.triangle >= first.surface.head_triangles
    assert not visible[strands].any()
    assert np.abs(flow[strands]).max(initial=0) == 0


def test_flow_needs_surface_maps_of_one_size(head: HeadModel, face: SyntheticFace) -> None:
    plain = render(head, face, SIZE)
    with pytest.raises(DataError, match="surface_map=True"):
        dense_flow(plain, plain)
    with pytest.raises(DataError, match="same size"):
        dense_flow(mapped(head, face), render(head, face, 64, surface_map=True))
