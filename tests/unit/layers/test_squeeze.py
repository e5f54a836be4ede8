"""Squeeze-and-excitation weighs channels, the same everywhere on the map."""

from __future__ import annotations

import torch

from fer_demo.layers.residual import PreActivationBlock
from fer_demo.layers.squeeze import SqueezeExcitation


def test_a_layer_without_weights_halves_every_channel() -> None:
    layer = SqueezeExcitation(8, 2)
    for parameter in layer.parameters():
        torch.nn.init.zeros_(parameter)
    maps = torch.randn(2, 8, 3, 3)
    torch.testing.assert_close(layer(maps), maps / 2)


def test_a_channel_gets_one_weight_for_all_its_places() -> None:
    maps = torch.rand(2, 8, 5, 5) + 0.1
    ratio = SqueezeExcitation(8, 2)(maps) / maps
    torch.testing.assert_close(ratio, ratio[:, :, :1, :1].expand_as(ratio))


def test_a_block_without_it_has_the_tensors_it_always_had() -> None:
    names = set(PreActivationBlock(4, 8, 2).state_dict())
    assert not any("excitation" in name for name in names)
    assert any("excitation" in name for name in PreActivationBlock(4, 8, 2, reduction=2).state_dict())
