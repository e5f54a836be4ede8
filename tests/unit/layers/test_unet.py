"""The U-Net is that of diffusers: the same names, and with the same weights the same numbers."""

from __future__ import annotations

import pytest
import torch

from fer_demo.layers.unet import UNet


@pytest.mark.parametrize("widths", [(8,), (8, 16), (16, 16, 32, 32)])
def test_it_takes_the_weights_of_diffusers_and_answers_alike_bit_for_bit(widths: tuple[int, ...]) -> None:
    diffusers = pytest.importorskip("diffusers")
    torch.manual_seed(0)
    theirs = diffusers.UNet2DModel(
        sample_size=(24, 32),
        in_channels=6,
        out_channels=4,
        block_out_channels=widths,
        layers_per_block=1,
        down_block_types=("DownBlock2D",) * len(widths),
        up_block_types=("UpBlock2D",) * len(widths),
        add_attention=False,
        norm_num_groups=8,
    ).eval()
    ours = UNet(6, 4, widths, groups=8).eval()
    ours.load_state_dict(theirs.state_dict())
    pictures, times = torch.randn(3, 6, 24, 32), torch.tensor([0.0, 350.5, 1000.0])
    with torch.inference_mode():
        assert torch.equal(ours(pictures, times), theirs(pictures, times, return_dict=False)[0])
