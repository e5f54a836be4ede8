"""Factors drawn at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fer_demo.synthetic import drawing
from fer_demo.synthetic.factors import HAIR_STYLES
from fer_demo.synthetic.head_model import HeadModel

FACTORS = (
    drawing.draw_hair,
    drawing.draw_glasses,
    drawing.draw_clothing,
    drawing.draw_background,
    drawing.draw_pose,
    drawing.draw_light,
)


@pytest.mark.parametrize("draw", FACTORS)
def test_each_factor_follows_from_its_own_seed(draw: Callable[[np.random.Generator], Any]) -> None:
    assert draw(np.random.default_rng(7)) == draw(np.random.default_rng(7))
    assert len({draw(np.random.default_rng(seed)) for seed in range(40)}) > 1


def test_an_identity_follows_from_its_seed(head: HeadModel) -> None:
    first, again, other = (drawing.draw_identity(np.random.default_rng(seed), head) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len(first.macro) == len(head.macro_names)
    assert len(first.detail) == len(head.detail_names)


def test_shape_weights_are_mild(head: HeadModel) -> None:
    details = np.array([drawing.draw_identity(np.random.default_rng(seed), head).detail for seed in range(50)])
    assert details.min() >= 0
    assert details.max() <= 0.75
    assert details[details > 0].mean() < 0.15


def test_opposite_shapes_are_never_mixed(head: HeadModel) -> None:
    detail = drawing.draw_identity(np.random.default_rng(0), head).detail
    weights = dict(zip(head.detail_names, detail, strict=True))
    assert weights["nose-base-up"] * weights["nose-base-down"] == 0


def test_all_hair_styles_occur() -> None:
    rng = np.random.default_rng(0)
    assert {drawing.draw_hair(rng).style for _ in range(200)} == set(HAIR_STYLES)


def test_poses_stay_in_front_of_the_camera() -> None:
    rng = np.random.default_rng(0)
    poses = [drawing.draw_pose(rng) for _ in range(500)]
    assert max(abs(pose.yaw) for pose in poses) <= 40
    assert abs(np.mean([pose.yaw for pose in poses])) < 2
