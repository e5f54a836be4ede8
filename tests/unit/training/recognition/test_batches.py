"""What a recognizer's batch holds: fixed shares, answers that move with the picture, and mixed views."""

from __future__ import annotations

import numpy as np
import torch

from fer_demo.faces.landmark_order import MIRRORED
from fer_demo.synthetic.units import MIRRORED_UNITS
from training.data.augmentation import PLAIN, Augmentation, Placement
from training.data.expression_faces import ExpressionFaces
from training.data.face_set import UNKNOWN, FaceSet, crop_side
from training.recognition.auxiliary_tasks import (
    AuxiliaryHeads,
    AuxiliaryTasks,
    auxiliary_targets,
)
from training.recognition.batches import Mixing, RecognitionBatches, batch_of

SIZE = 16


def faces(count: int, shade: int, expression: int = 3) -> FaceSet:
    """Flat grey faces with everything known about them."""
    votes = torch.zeros(count, 8)
    votes[:, 3] = 1.0
    return FaceSet(
        crops=torch.full((count, crop_side(SIZE), crop_side(SIZE)), shade, dtype=torch.uint8),
        expression=torch.full((count,), expression),
        person=torch.full((count,), UNKNOWN),
        votes=votes if expression != UNKNOWN else torch.zeros(count, 8),
        units=torch.rand(count, 52, generator=torch.Generator().manual_seed(0)),
        landmarks=torch.rand(count, 68, 2, generator=torch.Generator().manual_seed(1)) - 0.5,
        pose=torch.tensor([[45.0, -45.0]]).repeat(count, 1),
        intensity=torch.ones(count),
    )


def test_shares_of_a_batch_are_fixed_and_unlabelled_faces_have_no_answers() -> None:
    sources = ExpressionFaces(faces(4, 0), faces(4, 100), faces(2, 0), faces(4, 255, UNKNOWN))
    batches = RecognitionBatches(sources, synthetic_share=0.25, unlabelled_share=0.5)
    batch = batches.draw(40, SIZE, PLAIN, Mixing(), np.random.default_rng(0), torch.Generator())
    shades = ((batch.views.mean(dim=(1, 2, 3)) + 1) * 127.5).round()
    assert [int((shades == shade).sum()) for shade in (0, 100, 255)] == [10, 10, 20]
    assert (batch.expression[shades < 255] == 3).all()
    assert (batch.expression[shades == 255] == UNKNOWN).all()
    assert batch.votes.sum() == 20


def test_mixed_views_ask_for_answers_in_the_proportion_of_their_pixels() -> None:
    black, white = faces(32, 0, expression=0), faces(32, 255, expression=1)
    for mixing in (Mixing(mixup=1.0), Mixing(cutmix=1.0)):
        batches = RecognitionBatches(ExpressionFaces(black, white, black), 0.5, 0.0)
        batch = batches.draw(64, SIZE, PLAIN, mixing, np.random.default_rng(0), torch.Generator().manual_seed(2))
        white_share = (batch.views.mean(dim=(1, 2, 3)) + 1) / 2
        torch.testing.assert_close(batch.labels[:, 1], white_share, atol=1e-4, rtol=0)
        torch.testing.assert_close(batch.labels.sum(dim=1), torch.ones(64))
        assert ((white_share > 0.01) & (white_share < 0.99)).sum() > 20
        assert not batch.auxiliary.units_known.any()
        assert not batch.auxiliary.landmarks_known.any()


def test_mirroring_twice_changes_nothing() -> None:
    assert MIRRORED_UNITS[MIRRORED_UNITS].tolist() == list(range(52))
    assert MIRRORED[MIRRORED].tolist() == list(range(68))


def test_the_mirror_swaps_eye_corners_brows_and_mouth_corners_and_leaves_the_nose() -> None:
    pairs = {0: 16, 8: 8, 17: 26, 21: 22, 30: 30, 31: 35, 36: 45, 39: 42, 41: 46, 40: 47, 48: 54, 57: 57, 59: 55}
    pairs |= {60: 64, 62: 62, 66: 66, 67: 65, 51: 51, 37: 44}
    assert {place: int(MIRRORED[place]) for place in pairs} == pairs


def test_answers_of_a_mirrored_view_change_sides() -> None:
    whole = faces(1, 0)
    rows = torch.tensor([[[-1.0, 0, 0], [0, 1, 0]]])
    targets = auxiliary_targets(whole, Placement(rows, torch.tensor([True])))
    assert targets.units[0, 1] == whole.units[0, 2]  # browDownLeft and browDownRight
    assert targets.units[0, 0] == whole.units[0, 0]
    assert targets.pose.tolist() == [[-1.0, -1.0]]
    points = targets.landmarks.view(68, 2)
    torch.testing.assert_close(points[36], whole.landmarks[0, 45] * torch.tensor([-1.0, 1.0]))


def test_faces_without_units_or_landmarks_count_for_nothing() -> None:
    blank = faces(2, 0)
    blank.units.zero_()
    blank.landmarks[0] = 0
    batch = batch_of(blank, SIZE, Augmentation(), torch.Generator())
    assert batch.auxiliary.units_known.tolist() == [False, False]
    assert batch.auxiliary.landmarks_known.tolist() == [False, True]


def test_only_tasks_with_a_weight_have_a_head() -> None:
    heads = AuxiliaryHeads(6, AuxiliaryTasks(units_weight=2.0, pose_weight=1.0))
    batch = batch_of(faces(3, 0), SIZE, PLAIN, torch.Generator())
    losses = heads.losses(torch.zeros(3, 6), batch.auxiliary)
    assert set(losses) == set(heads.heads) == {"units", "pose"}
    doubled = AuxiliaryHeads(6, AuxiliaryTasks(units_weight=4.0, pose_weight=1.0))
    doubled.load_state_dict(heads.state_dict())
    again = doubled.losses(torch.zeros(3, 6), batch.auxiliary)
    torch.testing.assert_close(again["units"], 2 * losses["units"])
