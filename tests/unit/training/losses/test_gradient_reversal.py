"""The adversary descends while what it reads ascends."""

from __future__ import annotations

import torch

from training.losses.gradient_reversal import reversed_gradient


def test_values_pass_and_gradients_turn_round() -> None:
    before, weight = torch.tensor([1.0, -2.0], requires_grad=True), torch.tensor([3.0, 0.5], requires_grad=True)
    passed = reversed_gradient(before)
    assert torch.equal(passed, before)
    (passed * weight).sum().backward()
    torch.testing.assert_close(before.grad, -weight.detach())
    torch.testing.assert_close(weight.grad, before.detach())
