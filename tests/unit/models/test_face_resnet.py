"""The face ResNet starts where the identity embedder ended."""

from __future__ import annotations

import pytest
import torch

from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError, SettingsError
from fer_demo.models.face_resnet import FaceResNet, FaceResNetConfig
from fer_demo.models.identity_embedder import IdentityEmbedder
from training.recipes.face_resnet import FaceResNetRecipe

SMALL = FaceResNetConfig(size=48, widths=(4, 8, 8, 8), blocks=(1, 1, 1, 1))


@torch.inference_mode()
def test_untaught_it_sees_in_a_grey_face_what_the_identity_embedder_sees() -> None:
    faces = torch.rand(2, 1, 150, 150, generator=torch.Generator().manual_seed(0)) * 2 - 1
    embedder = load_model("identity_embedder")
    assert isinstance(embedder, IdentityEmbedder)
    expected = embedder.feature_maps(faces.expand(-1, 3, -1, -1))[-1].mean(dim=(2, 3))
    found = FaceResNetRecipe().network().eval().features(faces)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_the_stem_and_the_first_stages_do_not_learn() -> None:
    recipe = FaceResNetRecipe(model=SMALL, pretrained=False, kept_stages=2)
    network = recipe.network()
    assert isinstance(network, FaceResNet)
    learning = {id(parameter) for parameter in recipe.learning(network)}
    kept = {id(p) for part in (network.stem, *network.stages[:2]) for p in part.parameters()}
    assert not learning & kept
    assert learning | kept == {id(parameter) for parameter in network.parameters()}


def test_more_stages_than_there_are_cannot_be_kept() -> None:
    with pytest.raises(SettingsError, match="4 stages"):
        FaceResNetRecipe(kept_stages=5)


def test_a_stage_without_blocks_is_refused() -> None:
    with pytest.raises(CheckpointError, match="number of blocks"):
        FaceResNetConfig(blocks=(3, 4, 0, 3))
