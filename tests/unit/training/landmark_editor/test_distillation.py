"""The critic of painted mouths, and what the painter learns beside it."""

from __future__ import annotations

import torch
from torch.nn.functional import relu

from training.landmark_editor.distillation_stage import mean_where_hidden
from training.landmark_editor.mouth_critic import MouthCritic
from training.landmark_editor.painter_stage import error_where_hidden


def test_a_critic_learns_to_tell_teeth_from_a_grey_band() -> None:
    torch.manual_seed(0)
    critic, told = MouthCritic((8, 16, 16)), torch.zeros(8, 5, 16, 24)
    teeth = torch.zeros(8, 1, 16, 24)
    teeth[..., ::4] = 1.0
    grey = torch.full_like(teeth, teeth.mean().item())
    learning = torch.optim.Adam(critic.parameters(), lr=1e-2, betas=(0.5, 0.99))
    losses = []
    for _ in range(60):
        loss = relu(1 - critic.judge(teeth, told)).mean() + relu(1 + critic.judge(grey, told)).mean()
        learning.zero_grad()
        loss.backward()
        learning.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]
    assert critic.judge(teeth, told).mean() > 0 > critic.judge(grey, told).mean()
    assert critic.judge(teeth, told).shape == (8, 1, 4, 6)


def test_a_critic_answers_for_what_is_painted() -> None:
    hidden = torch.zeros(1, 1, 48, 64)
    hidden[..., 16:32, 16:48] = 1
    answers = torch.full((1, 1, 12, 16), -5.0)
    answers[..., 4:8, 4:12] = 2.0
    assert mean_where_hidden(answers, hidden) == 2


def test_errors_count_where_the_picture_is_hidden() -> None:
    hidden = torch.zeros(1, 1, 48, 64)
    hidden[..., 20:30, 20:40] = 1
    inside, outside = hidden * 1.0, 1 - hidden
    assert error_where_hidden(inside, hidden) > 0.55
    assert error_where_hidden(outside, hidden) < 0.45
    assert error_where_hidden(torch.ones_like(hidden), hidden) == 1
