"""Head pose from five points, on heads whose pose is known."""

from __future__ import annotations

import numpy as np
import pytest

from fer_demo.data.loading import load_bundled
from fer_demo.faces.alignment import five_points
from fer_demo.metrics.head_pose import HEAD, head_pose, pose_drift
from fer_demo.synthetic.camera import rotation
from fer_demo.synthetic.factors import Pose


def seen(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The mean head's points in a picture of 100 pixels, without perspective."""
    turned = HEAD @ rotation(Pose(yaw=yaw, pitch=pitch, roll=roll)).T
    return turned[:, :2] * (40, -40) + 50


@pytest.mark.parametrize("pose", [(0, 0, 0), (25, 0, 0), (0, -15, 0), (0, 0, 30), (20, -10, 7)])
def test_the_mean_head_is_read_exactly(pose: tuple[float, float, float]) -> None:
    assert head_pose(seen(*pose)).tolist() == pytest.approx(pose, abs=1e-3)


def test_drift_is_the_largest_change() -> None:
    assert pose_drift(seen(5, 0, 0), seen(-7, 3, 1)) == pytest.approx(12, abs=1e-3)
    assert pose_drift(seen(0, 0, 179), seen(0, 0, -179)) == pytest.approx(2, abs=1e-3)


def test_other_heads_are_read_within_a_few_degrees() -> None:
    source = load_bundled().select(range(0, 1960, 20))
    points = [five_points(landmarks) for landmarks in source.column("landmarks")]
    found, truth = np.stack([head_pose(face) for face in points]), np.stack(source.column("head_pose"))
    yaw, pitch, roll = np.abs(found - truth).mean(axis=0)
    assert yaw < 3
    assert pitch < 10
    assert roll < 3
