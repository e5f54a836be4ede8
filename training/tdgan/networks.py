"""The networks that TDGAN's painting trains, with what is taken over from published models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from fer_demo.checkpoints import load_model
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from training.engine.objective import start_from
from training.tdgan.discriminators import CodeAdversary, Discriminator


def tdgan_networks(
    config: TDGANConfig,
    persons: int,
    *,
    initial: Path | None = None,
    expression_branch: Path | None = None,
    fake_expression: bool = False,
    hiding: bool = False,
) -> dict[str, Any]:
    """The generator, both discriminators and, where the identity code hides something, its adversary; on the CPU.

    The generator may start from a published TDGAN, `initial`. E_e and M_ER of `expression_branch` are taken over and
    stay as they are; D_e begins as their copy. It may tell painted faces too (`fake_expression`).
    """
    model = TDGAN(config)
    if initial is not None:
        start_from(model, initial)
    face = Discriminator(config.channels, config.size, persons + 1, config.head_units)  # the last class is "fake"
    # D_e may start as a copy of E_e and its head, so it has their shape; where it tells painted faces, one class more.
    classes = len(config.expressions) + fake_expression
    expression = Discriminator(config.channels, config.size, classes, config.head_units, config.expression_rank)
    if expression_branch is not None:
        branch = load_model(str(expression_branch))
        assert isinstance(branch, TDGAN)
        for ours in (model.expression_encoder, expression.trunk):
            ours.load_state_dict(branch.expression_encoder.state_dict())
        for head in (model.expression_head, expression.head):
            _take_over(head, branch.expression_head)
        for kept in (model.expression_encoder, model.expression_head):
            kept.requires_grad_(False).eval()
    networks = {"model": model, "face_discriminator": face, "expression_discriminator": expression}
    return networks | ({"expression_adversary": CodeAdversary(len(config.expressions))} if hiding else {})


@torch.no_grad()
def _take_over(head: nn.Module, taught: nn.Module) -> None:
    """Copy a head's weights; a last class that the other does not have keeps its own."""
    for ours, theirs in zip(head.parameters(), taught.parameters(), strict=True):
        ours[: len(theirs)].copy_(theirs)
