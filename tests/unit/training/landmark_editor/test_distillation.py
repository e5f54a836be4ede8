"""The critic of painted mouths, and what the painter learns beside it."""

from __future__ import annotations

import torch
from torch.nn.functional import relu

from training.landmark_editor.mouth_critic import MouthCritic
from training.landmark_editor.painter_stage import error_where_hidden


def test_a_critic_learns_to_tell_teeth_from_a_grey_band() -> None:
    torch.manual_seed(0)
    critic, told = MouthCritic((8, 16)), torch.zeros(8, 5, 16, 24)
    teeth = torch.zeros(8, 1, 16, 24)
    teeth[..., ::4] = 1.0
    grey = torch.full_like(teeth, teeth.mean().item())
    learning = torch.optim.Adam(critic.parameters(), lr=1e-2, betas=(0.5, 0.99))
    losses = []
    for _ in range(60):
        loss = relu(1 - critic(teeth, told)).mean() + relu(1 + critic(grey, told)).mean()
        learning.zero_grad()
        loss.backward()
        learning.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]
    assert critic(teeth, told).mean() > 0 > critic(grey, told).mean()


def test_a_critic_answers_place_by_place_and_its_slope_is_bounded() -> None:
    torch.manual_seed(1)
    critic, told = MouthCritic((8, 16)), torch.zeros(1, 5, 16, 24)
    first, second = (torch.randn(1, 1, 16, 24) for _ in range(2))
    with torch.no_grad():
        for _ in range(20):  # the power iteration of spectral normalization goes on while it trains
            apart = critic(first, told) - critic(second, told)
    assert apart.shape == (1, 1, 4, 6)
    # A kernel of 4 with a stride of 2 reads every pixel 4 times in each of two layers.
    assert apart.norm() <= 16 * (first - second).norm()


def test_errors_count_where_the_picture_is_hidden() -> None:
    hidden = torch.zeros(1, 1, 48, 64)
    hidden[..., 20:30, 20:40] = 1
    inside, outside = hidden * 1.0, 1 - hidden
    assert error_where_hidden(inside, hidden) > 0.55
    assert error_where_hidden(outside, hidden) < 0.45
    assert error_where_hidden(torch.ones_like(hidden), hidden) == 1
