"""Selective feature sharing: what each of the three arms shares, and what it refuses."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fer_demo.errors import CheckpointError
from fer_demo.models.selective_feature_sharing import SelectiveFeatureSharing, SelectiveFeatureSharingConfig

LEVELS = 3


def small(sharing: str) -> SelectiveFeatureSharing:
    torch.manual_seed(0)
    config = SelectiveFeatureSharingConfig(stem=4, widths=(4, 4, 4), blocks=(1, 1, 1), sharing=sharing)
    return SelectiveFeatureSharing(config).eval()


def faces() -> Tensor:
    return torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1


def parts_taught(model: SelectiveFeatureSharing, output: Tensor) -> set[str]:
    """The parts of the levels that an output teaches."""
    output.sum().backward()
    return {name.split(".")[1] for name, value in model.levels.named_parameters() if value.grad is not None}


@pytest.mark.parametrize("sharing", ["full", "selective"])
def test_with_sharing_each_task_teaches_both_networks(sharing: str) -> None:
    model = small(sharing)
    assert {"recognition", "synthesis", "units"} == parts_taught(model, model(faces())[0])
    model = small(sharing)
    edited = model.edit_to_label(faces(), torch.tensor([3, 6]), torch.ones(2))
    assert {"recognition", "synthesis", "units"} == parts_taught(model, edited)


def test_without_sharing_each_task_teaches_its_own_network_alone() -> None:
    model = small("none")
    assert parts_taught(model, model(faces())[0]) == {"recognition"}
    model = small("none")
    assert parts_taught(model, model.edit_to_label(faces(), torch.tensor([3, 6]), torch.ones(2))) == {"synthesis"}


def test_what_is_borrowed_is_nothing_a_half_or_what_the_gates_say() -> None:
    torch.testing.assert_close(small("none").borrowed(faces()), torch.zeros(2, 2, LEVELS))
    torch.testing.assert_close(small("full").borrowed(faces()), torch.full((2, 2, LEVELS), 0.5))
    chosen = small("selective").borrowed(faces())
    assert chosen.shape == (2, 2, LEVELS)
    assert 0 < chosen.min() < chosen.max() < 1


def test_one_look_at_a_face_answers_and_paints_all_expressions_as_a_look_for_each_does() -> None:
    model = small("selective")
    with torch.no_grad():
        shared = model.shared(faces())
        torch.testing.assert_close(model.answers(shared)[0], model.expression_logits(faces()))
        for label in torch.arange(7):
            alone = model.edit_to_label(faces(), label.expand(2), torch.ones(2))
            torch.testing.assert_close(model.painted(faces(), shared.synthesis, label.expand(2)), alone)


def test_half_the_amount_adds_half_the_change_and_labels_differ() -> None:
    model, grey = small("selective"), faces() * 0.2
    with torch.no_grad():
        model.decoder.last.bias.fill_(0.05)  # type: ignore[union-attr]
        labels = torch.tensor([3, 3])
        whole, half = (model.edit_to_label(grey, labels, torch.full((2,), share)) for share in (1.0, 0.5))
        other = model.edit_to_label(grey, torch.tensor([5, 5]), torch.ones(2))
    torch.testing.assert_close(half - grey, (whole - grey) / 2)
    assert (whole - grey).abs().max() > 0.01
    assert not torch.allclose(whole, other)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 40}, "multiple of 16"),
        ({"blocks": (1, 1)}, "Every level"),
        ({"widths": (), "blocks": ()}, "Every level"),
        ({"sharing": "some"}, "none, full, selective"),
    ],
)
def test_networks_that_cannot_be_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        SelectiveFeatureSharingConfig(**changes)  # type: ignore[arg-type]


def test_it_is_small_enough_to_ship() -> None:
    assert SelectiveFeatureSharing(SelectiveFeatureSharingConfig()).parameter_count() < 6_000_000
