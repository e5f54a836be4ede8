"""Gated sharing on cases that can be worked out by hand (Zhao et al. 2020, the unit's equations)."""

from __future__ import annotations

import math

import pytest
import torch

from fer_demo.layers.gated_sharing import GatedSharing, Gates

OPEN, SHUT = 40.0, -40.0  # logits of gates


def unit(own: float, other: float, let_in: float, kept: float) -> GatedSharing:
    """A selective unit on one channel; `let_in` and `kept` are the logits of r and z where both features are 1."""
    made = GatedSharing(1, selective=True)
    assert made.gates is not None
    torch.nn.init.constant_(made.own.weight, own)
    torch.nn.init.constant_(made.other.weight, other)
    made.gates.weight.data = torch.tensor([[let_in / 2] * 2, [kept / 2] * 2])[:, :, None, None]
    return made


def ones() -> torch.Tensor:
    return torch.ones(2, 1, 3, 3)


@pytest.mark.parametrize(
    ("let_in", "kept", "answer"),
    [
        (OPEN, OPEN, 1.0),  # all of one's own
        (OPEN, SHUT, math.tanh(0.5 + 2.0)),  # all of what both make
        (SHUT, SHUT, math.tanh(0.5)),  # nothing of the other is let in
        (0.0, 0.0, 0.5 + 0.5 * math.tanh(0.5 + 0.5 * 2.0)),  # both gates half open
    ],
)
def test_a_unit_follows_its_equation(let_in: float, kept: float, answer: float) -> None:
    shared, _ = unit(0.5, 2.0, let_in, kept)(ones(), ones())
    torch.testing.assert_close(shared, torch.full_like(ones(), answer))


def test_what_is_borrowed_is_what_is_let_in_times_what_is_not_kept() -> None:
    gates = Gates(torch.tensor([0.5, 1.0]).reshape(2, 1, 1, 1), torch.tensor([0.2, 1.0]).reshape(2, 1, 1, 1))
    torch.testing.assert_close(gates.borrowed(), torch.tensor([0.8 * 0.5, 0.0]))


def test_a_shut_gate_keeps_the_other_tasks_gradient_out() -> None:
    other = ones().requires_grad_()
    shared, _ = unit(0.5, 2.0, SHUT, SHUT)(ones(), other)
    shared.sum().backward()
    assert other.grad is not None
    assert other.grad.abs().max() < 1e-6


def test_full_sharing_has_no_gates_to_learn_and_lets_everything_in() -> None:
    full = GatedSharing(1, selective=False)
    torch.nn.init.constant_(full.own.weight, 0.5)
    torch.nn.init.constant_(full.other.weight, 2.0)
    shared, gates = full(ones(), ones())
    torch.testing.assert_close(shared, torch.full_like(ones(), 0.5 + 0.5 * math.tanh(2.5)))
    assert not any("gates" in name for name in full.state_dict())
    torch.testing.assert_close(gates.borrowed(), torch.full((2,), 0.5))
