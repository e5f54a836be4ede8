"""The motion of landmarks, against faces that the renderer really moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from fer_demo.faces.alignment import five_points, similarity
from fer_demo.synthetic.expression_recipes import draw_expression
from fer_demo.synthetic.factors import SyntheticFace
from fer_demo.synthetic.head_model import load_head_model
from fer_demo.synthetic.head_shape import shown_units
from fer_demo.synthetic.rendering import render
from fer_demo.synthetic.units import MIRRORED_UNITS, UNITS
from training.data.augmentation import Placement
from training.data.face_set import MARGIN
from training.data.synthesize_edits import SynthesizeEditsSettings, faces_of
from training.warp_editor.landmark_motion import CONTOUR, LOWER_LIP, UPPER_LIP, LandmarkBatch, projections, unit_motion


def moved_face(yaw: float, pitch: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inner landmarks of a rendered face at rest and laughing, 2 wide, and the units that changed."""
    settings = SynthesizeEditsSettings(scenes=1, out=None)  # type: ignore[arg-type]
    rest: SyntheticFace = faces_of(settings, 4)[0]
    rest = replace(rest, pose=replace(rest.pose, yaw=yaw, pitch=pitch, gaze=(0.0, 0.0)))
    happy = replace(rest, expression=draw_expression(np.random.default_rng(0), "happy", 0.9))
    head = load_head_model()
    points = [render(head, face, 120).landmarks68 for face in (rest, happy)]
    forward = similarity(five_points(points[0]), 2, MARGIN)
    one, other = (shape[CONTOUR:] @ forward[:, :2].T + forward[:, 2] - 1 for shape in points)
    return one, other, shown_units(happy) - shown_units(rest)


def seen(places: np.ndarray, projection: np.ndarray, mirrored: bool = False) -> LandmarkBatch:
    return LandmarkBatch(
        torch.from_numpy(places)[None].float(),
        torch.ones(1),
        torch.from_numpy(projection),
        torch.tensor([mirrored]),
        torch.from_numpy(unit_motion()[CONTOUR:]),
    )


@pytest.mark.parametrize(("yaw", "pitch"), [(0.0, 0.0), (25.0, 0.0), (-10.0, 15.0)])
def test_landmarks_go_where_the_renderer_moves_them(yaw: float, pitch: float) -> None:
    one, other, change = moved_face(yaw, pitch)
    rest = torch.zeros(1, change.size)
    motion = seen(one, projections(np.array([[yaw, pitch]]))).motion(rest, torch.from_numpy(change)[None])[0].numpy()
    moved = np.linalg.norm(other - one, axis=1)
    missed = np.linalg.norm(motion - (other - one), axis=1)
    assert moved.max() > 0.1
    assert missed.mean() < 0.2 * moved.mean()  # the head model's average shape stands for everybody's


def test_a_mirrored_view_moves_the_mirrored_way() -> None:
    one, _, change = moved_face(20.0, 0.0)
    projection, units = projections(np.array([[20.0, 0.0]])), torch.from_numpy(change)[None]
    flip = torch.tensor([[[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    placement = Placement(flip, torch.tensor([True]))
    places = placement.moved(torch.from_numpy(one)[None].float())
    mirrored = LandmarkBatch(
        places,
        torch.ones(1),
        torch.linalg.inv(flip[:, :, :2]) @ torch.from_numpy(projection),
        placement.mirrored,
        torch.from_numpy(unit_motion()[CONTOUR:]),
    )
    rest = torch.zeros_like(units)
    plain = seen(one, projection).motion(rest, units)
    torch.testing.assert_close(mirrored.motion(rest, units[:, MIRRORED_UNITS]), plain * torch.tensor([-1.0, 1.0]))


def test_lips_that_are_farther_apart_than_units_say_close_with_the_mouth_and_else_stay() -> None:
    _, laughing, change = moved_face(0.0, 0.0)
    own = torch.from_numpy(change)[None]
    toothy = laughing.copy()
    toothy[UPPER_LIP.numpy(), 1] -= 0.06
    toothy[LOWER_LIP.numpy(), 1] += 0.06
    face = seen(toothy, projections(np.zeros((1, 2))))

    def gap(points: np.ndarray) -> np.ndarray:
        return points[LOWER_LIP[:, 0], 1] - points[UPPER_LIP[:, 0], 1]

    assert face.motion(own, own).abs().max() < 1e-6
    closed = toothy + face.motion(own, torch.zeros_like(own))[0].numpy()
    assert gap(toothy).min() > 0.1
    np.testing.assert_allclose(gap(closed), 0.03, atol=0.015)  # a cell and a half of the warp
    lips = gap(toothy) - gap(closed)
    outer = (
        toothy[LOWER_LIP[:, 1], 1]
        - closed[LOWER_LIP[:, 1], 1]
        + closed[UPPER_LIP[:, 1], 1]
        - toothy[UPPER_LIP[:, 1], 1]
    )
    np.testing.assert_allclose(outer, lips, atol=0.03)  # the lips keep their thickness


def test_what_a_photograph_shows_is_taken_back_as_far_as_its_landmarks_tell() -> None:
    one, _, change = moved_face(0.0, 0.0)
    face = seen(one, projections(np.zeros((1, 2))))
    own = torch.from_numpy(change)[None]
    brows, rest = slice(0, 10), torch.zeros_like(own)
    raised = own.clone()
    raised[:, UNITS.index("browInnerUp")] += 1
    frowning = own.clone()
    frowning[:, [UNITS.index(f"browDown{side}") for side in ("Left", "Right")]] = 0.8
    torch.testing.assert_close(face.shown(own), 0.5 * face.moved(own))
    assert face.motion(own, own).abs().max() == 0
    # From a deep frown to a brow that is raised: nearly all of the frown's own motion counts only so far.
    plain = face.moved(raised - frowning)[:, brows]
    lessened = plain + 0.5 * face.moved(frowning)[:, brows]
    found = face.motion(frowning, raised)[:, brows]
    assert (found - lessened).norm() < 0.25 * (found - plain).norm()
    # Towards nothing the mouth goes back by what is seen of it.
    assert face.motion(own, rest)[:, 31:].norm() < face.moved(own)[:, 31:].norm()
