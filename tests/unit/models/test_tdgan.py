"""TDGAN against the figures of the paper's public code: layer sizes and numbers of values."""

from __future__ import annotations

import pytest
import torch

from fer_demo.errors import CheckpointError
from fer_demo.models.tdgan import TDGAN, ClassifierHead, Decoder, Encoder, TDGANConfig

PAPER = TDGANConfig(size=128, decoder_channels=(512, 256, 128, 64))


def values(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_networks_have_as_many_values_as_the_authors_networks() -> None:
    assert values(Encoder(1, 128)) == 720_352
    assert values(ClassifierHead(7)) == 9_446_407
    assert values(Decoder(PAPER)) == 5_277_120


@pytest.mark.parametrize("config", [PAPER, TDGANConfig()])
def test_codes_are_128_x_8_x_8_at_both_picture_sizes(config: TDGANConfig) -> None:
    model = TDGAN(config).eval()
    faces = torch.rand(2, 1, config.size, config.size) * 2 - 1
    assert model.identity_code(faces).shape == (2, 128, 8, 8)
    assert model.decode(model.encode(faces)).shape == faces.shape


def test_decoding_is_deterministic_and_in_range() -> None:
    model = TDGAN(TDGANConfig()).eval()
    codes = model.encode(torch.rand(1, 1, 64, 64) * 2 - 1)
    first, second = model.decode(codes), model.decode(codes)
    assert torch.equal(first, second)
    assert first.abs().max() <= 1


def test_the_identity_branch_never_sees_the_expression_face() -> None:
    model = TDGAN(TDGANConfig(noise_channels=0, decoder_channels=(16, 16, 16), head_units=8)).eval()
    faces = torch.rand(2, 1, 64, 64) * 2 - 1
    model.paint(model.identity_code(faces[:1]), model.expression_code(faces[1:])).sum().backward()
    assert all(parameter.grad is not None for parameter in model.identity_encoder.parameters())
    assert all(parameter.grad is None for parameter in model.expression_head.parameters())


def test_a_code_of_low_rank_is_made_of_so_many_numbers() -> None:
    torch.manual_seed(0)
    faces = torch.rand(12, 1, 64, 64) * 2 - 1
    ranks = []
    for rank in (0, 3):
        config = TDGANConfig(noise_channels=0, decoder_channels=(16, 16, 16), head_units=8, expression_rank=rank)
        codes = TDGAN(config).eval().encode(faces)
        assert codes.expression.shape == codes.identity.shape
        ranks.append(int(torch.linalg.matrix_rank(codes.expression - codes.expression.mean(dim=0), rtol=1e-4)))
    assert ranks == [11, 3]  # of twelve faces about their mean
    assert values(ClassifierHead(7, rank=8)) == 1_131_535  # reads so many numbers, where all of them take 9,446,407
    with pytest.raises(CheckpointError, match="rank from 0"):
        TDGANConfig(expression_rank=-1)


def test_a_decoder_that_does_not_reach_the_picture_size_is_refused() -> None:
    with pytest.raises(CheckpointError, match="one width per doubling"):
        TDGANConfig(decoder_channels=(64, 64))
    with pytest.raises(CheckpointError, match="64 or 128"):
        TDGANConfig(size=96)
