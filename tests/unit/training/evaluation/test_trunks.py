"""Frozen trunks are compared by what a linear layer reads from them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from fer_demo.errors import SettingsError
from fer_demo.models.face_resnet import FaceResNet, FaceResNetConfig
from training.data.face_set import FaceSet, crop_side
from training.evaluation.trunks import Trunk, TrunkSettings, fitted, pooled


def test_the_layer_finds_the_feature_that_the_votes_follow() -> None:
    features = torch.randn(200, 5, generator=torch.Generator().manual_seed(0))
    votes = torch.stack([(features[:, 3] > 0).float(), (features[:, 3] <= 0).float()], dim=1)
    layer = fitted(features, votes, decay=1e-4)
    assert ((layer(features).argmax(dim=1) == votes.argmax(dim=1)).float().mean()) > 0.98
    assert layer.weight.abs().mean(dim=0).argmax() == 3


def test_the_maps_that_are_read_are_averaged_side_by_side() -> None:
    model = FaceResNet(FaceResNetConfig(size=112, widths=(4, 8, 12, 16), blocks=(1, 1, 1, 1))).eval()
    crops = torch.randint(0, 256, (3, crop_side(112), crop_side(112)), dtype=torch.uint8)
    whole, votes, nothing = torch.zeros(3, dtype=torch.int64), torch.zeros(3, 8), torch.zeros(3, 2)
    faces = FaceSet(crops, whole, whole, votes, torch.zeros(3, 52), torch.zeros(3, 68, 2), nothing, torch.ones(3))
    found = pooled(Trunk(model, model.stages[-3:]), faces)
    assert found.shape == (3, 8 + 12 + 16)
    assert not any(module._forward_hooks for module in model.modules())


def test_a_handful_of_rows_is_refused() -> None:
    with pytest.raises(SettingsError, match="100 or more"):
        TrunkSettings(Path("data"), rows=10)
