"""Muon makes momentum orthogonal, treats everything that is not a convolution as AdamW does, and goes downhill."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from training.engine.muon import Muon, orthogonalized


@pytest.mark.parametrize("halved", [True, False])
def test_an_orthogonalized_matrix_has_singular_values_near_one_and_the_same_directions(
    halved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.engine.muon.has_bfloat16", lambda device: halved)
    torch.manual_seed(0)
    for shape in ((8, 30), (30, 8)):
        matrix = torch.randn(shape) @ torch.diag(torch.linspace(0.1, 3, shape[1]))
        result = orthogonalized(matrix)
        values = torch.linalg.svdvals(result)
        assert values.min() > 0.4
        assert values.max() < 1.3
        u, _, vh = torch.linalg.svd(matrix, full_matrices=False)
        assert torch.nn.functional.cosine_similarity(result.flatten(), (u @ vh).flatten(), dim=0) > 0.95


def test_what_is_no_convolution_steps_as_under_adamw() -> None:
    torch.manual_seed(0)
    ours, theirs = nn.Linear(5, 3), nn.Linear(5, 3)
    theirs.load_state_dict(ours.state_dict())
    optimizers = Muon(ours.parameters(), 0.01, 0.1), torch.optim.AdamW(theirs.parameters(), 0.01, weight_decay=0.1)
    for _ in range(5):
        faces = torch.randn(4, 5)
        for network, optimizer in zip((ours, theirs), optimizers, strict=True):
            optimizer.zero_grad()
            network(faces).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours.weight, theirs.weight)


def test_convolutions_go_downhill_by_steps_of_the_stated_size() -> None:
    torch.manual_seed(0)
    network = nn.Conv2d(4, 8, 3, bias=False)
    target, faces = torch.randn(2, 8, 4, 4), torch.randn(2, 4, 6, 6)
    optimizer = Muon(network.parameters(), 0.01, 0.0)
    losses = []
    for _ in range(20):
        before = network.weight.detach().clone()
        loss = (network(faces) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        step = (network.weight.detach() - before).square().mean().sqrt()
        assert 0.001 < step < 0.003  # 0.2 of the learning rate, as AdamW's
    assert losses[-1] < 0.8 * losses[0]


def test_its_state_is_saved_and_read_back_safely(tmp_path) -> None:  # type: ignore[no-untyped-def]
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2, 2))
    optimizer = Muon(network.parameters(), 0.01, 0.0)
    network(torch.randn(1, 1, 3, 3)).sum().backward()
    optimizer.step()
    torch.save(optimizer.state_dict(), tmp_path / "state.pt")
    other = Muon(network.parameters(), 0.5, 0.0)
    other.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    assert other.param_groups[0]["lr"] == 0.01
