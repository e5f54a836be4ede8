"""Two scales of the same units, brought together."""

from __future__ import annotations

import torch

from training.warp_editor.unit_calibration import NEUTRAL, calibrate


def test_scores_at_a_third_of_the_scale_and_off_zero_are_brought_back() -> None:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(7).repeat(40)
    units = torch.rand(7, 5, generator=generator)[labels]
    units[labels == NEUTRAL] = 0
    scores = units / 3 + 0.1
    calibration = calibrate(scores, labels, units, labels)
    known, trust = calibration.targets(scores, torch.zeros(280, 7))
    torch.testing.assert_close(known, units, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(trust, torch.ones_like(trust))


def test_a_blind_score_is_replaced_by_what_the_votes_let_expect() -> None:
    labels = torch.arange(7).repeat(10)
    units = torch.zeros(70, 2)
    units[labels == 1] = 0.8
    scores = torch.stack([units[:, 0] + 0.05, torch.full((70,), 0.001)], dim=1)
    calibration = calibrate(scores, labels, units, labels)
    assert calibration.seen.tolist() == [1, 0]
    votes = torch.zeros(2, 7)
    votes[0, 1] = 1
    known, trust = calibration.targets(torch.tensor([[0.85, 0.0], [0.85, 0.0]]), votes)
    torch.testing.assert_close(known[0], torch.tensor([0.8, 0.8]), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(trust, torch.tensor([[1.0, 1.0], [1.0, 0.0]]))


def test_scores_that_follow_half_of_an_expression_are_filled_up_by_the_votes() -> None:
    labels = torch.arange(7).repeat(10)
    units = torch.zeros(70, 1)
    units[labels == 1] = 0.8
    scores = torch.full((70, 1), 0.1)
    scores[labels == 1] = torch.tensor([[0.1], [0.25]]).repeat(5, 1)  # seen on every other face, and too weakly
    calibration = calibrate(scores, labels, units, labels)
    carried = float(calibration.carried)
    assert 0.3 < carried < 0.6
    votes = torch.nn.functional.one_hot(labels, 7).float()
    known, trust = calibration.targets(scores, votes)
    assert (trust == 1).all()
    torch.testing.assert_close(known[labels == 1].mean(), torch.tensor(0.8), atol=0.01, rtol=0)
    assert known[labels == 1].std() > 0.2
    assert known[labels == 2].abs().max() == 0
    _, unvoted = calibration.targets(scores, torch.zeros(70, 7))
    torch.testing.assert_close(unvoted, torch.full((70, 1), carried))


def test_a_face_without_scores_or_votes_teaches_nothing() -> None:
    labels = torch.arange(7).repeat(10)
    units = torch.rand(70, 3, generator=torch.Generator().manual_seed(1))
    calibration = calibrate(units, labels, units, labels)
    _, trust = calibration.targets(torch.zeros(1, 3), torch.zeros(1, 7))
    assert trust.sum() == 0
