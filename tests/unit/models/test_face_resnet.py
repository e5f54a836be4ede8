"""The face ResNet starts where the identity embedder ended."""

from __future__ import annotations

import pytest
import torch

from fer_demo.checkpoints import load_model
from fer_demo.errors import CheckpointError
from fer_demo.models.face_resnet import FaceResNetConfig
from fer_demo.models.identity_embedder import IdentityEmbedder
from training.recipes.face_resnet import FaceResNetRecipe


@torch.inference_mode()
def test_untaught_it_sees_in_a_grey_face_what_the_identity_embedder_sees() -> None:
    faces = torch.rand(2, 1, 150, 150, generator=torch.Generator().manual_seed(0)) * 2 - 1
    embedder = load_model("identity_embedder")
    assert isinstance(embedder, IdentityEmbedder)
    expected = embedder.feature_maps(faces.expand(-1, 3, -1, -1))[-1].mean(dim=(2, 3))
    found = FaceResNetRecipe().network().eval().features(faces)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_a_stage_without_blocks_is_refused() -> None:
    with pytest.raises(CheckpointError, match="number of blocks"):
        FaceResNetConfig(blocks=(3, 4, 0, 3))
