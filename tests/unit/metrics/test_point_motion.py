"""Points that moved as they should, twice as far, the wrong way, and not at all."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.metrics.head_pose import HEAD, average_pose_distance
from fer_demo.metrics.point_motion import REGIONS, keypoint_distance, motion_cosine, motion_size

BEFORE = np.random.default_rng(0).random((4, 20, 2))
TRUE = BEFORE + np.array((0.03, 0.04))


def test_the_regions_are_those_of_ibugs_68_points() -> None:
    sizes = {name: len(range(68)[points]) for name, points in REGIONS.items()}
    assert sizes == {"mouth": 20, "brows": 10, "eyes": 12, "inner face": 51}


def test_the_distance_of_points_is_their_mean_distance() -> None:
    assert keypoint_distance(BEFORE, TRUE) == pytest.approx([0.05] * 4)


@pytest.mark.parametrize(("step", "cosine"), [(0.5, 1), (2, 1), (-1, -1), (0, 0)])
def test_size_and_direction_of_a_motion_are_told_apart(step: float, cosine: float) -> None:
    motion = TRUE - BEFORE
    assert motion_size(step * motion) == pytest.approx(abs(step) * motion_size(motion))
    assert motion_cosine(step * motion, motion) == pytest.approx([cosine] * 4)


def test_a_motion_across_the_true_one_has_no_share_of_it() -> None:
    across = (TRUE - BEFORE)[..., ::-1] * (1, -1)
    assert motion_cosine(across, TRUE - BEFORE) == pytest.approx([0] * 4)


def test_a_head_that_only_rolls_is_a_third_of_the_angle_away() -> None:
    points = HEAD[:, :2] * (1, -1)
    cos, sin = np.cos(np.radians(12)), np.sin(np.radians(12))
    assert average_pose_distance(points, points @ [[cos, sin], [-sin, cos]]) == pytest.approx(4, abs=1e-6)
    assert average_pose_distance(points, points) == 0
