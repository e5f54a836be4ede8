"""The identity embedder gives the distances of the network it was ported from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from fer_demo.checkpoints import BUNDLED_FOLDER
from fer_demo.data.loading import load_bundled
from fer_demo.errors import CheckpointError
from fer_demo.faces.alignment import align, five_points
from fer_demo.images import to_tensor
from fer_demo.models.identity_embedder import IdentityEmbedder, IdentityEmbedderConfig
from fer_demo.published.model import CONFIG_FILE, WEIGHTS_FILE

FOLDER = BUNDLED_FOLDER / "identity_embedder"
# Distances by dlib itself, from chips cut as `reference_chips` cuts them.
REFERENCE = json.loads((Path(__file__).parent / "identity_distances.json").read_text())


@pytest.fixture(scope="module")
def embedder() -> IdentityEmbedder:
    values = json.loads((FOLDER / CONFIG_FILE).read_text())
    values.pop("model")
    model = IdentityEmbedder(IdentityEmbedder.config_from_dict(values))
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(FOLDER / WEIGHTS_FILE).items()})
    return model.eval()


@pytest.fixture(scope="module")
def reference_chips() -> np.ndarray:
    source = load_bundled()
    records = [source[source.column("key").index(key)] for key in REFERENCE["faces"]]
    wide = [align(record.image, five_points(record.landmarks), 175, 5 / 165) for record in records]
    return np.stack(wide)[:, 25:175, 13:163]


@torch.inference_mode()
def test_distances_are_those_of_dlib_but_for_the_rounding_of_the_published_weights(
    embedder: IdentityEmbedder, reference_chips: np.ndarray
) -> None:
    codes = embedder.embed(to_tensor(reference_chips, 3))
    found = torch.linalg.norm(codes[:, None] - codes[None], dim=-1).numpy()
    off = np.abs(found - np.array(REFERENCE["distances"]))
    assert off.max() < 0.02
    assert off.mean() < 0.005


@torch.inference_mode()
def test_faces_that_are_aligned_already_are_placed_like_those_of_photos(
    embedder: IdentityEmbedder, reference_chips: np.ndarray
) -> None:
    source = load_bundled()
    records = [source[source.column("key").index(key)] for key in REFERENCE["faces"]]
    crops = np.stack([align(record.image, five_points(record.landmarks), 165) for record in records])
    chips = embedder.chips(to_tensor(crops, 3))
    rows_inside = slice(0, 145)  # the last five lie below the template
    assert torch.allclose(chips[:, :, rows_inside], to_tensor(reference_chips, 3)[:, :, rows_inside], atol=0.03)
    apart = (embedder.embed(chips) - embedder.embed(to_tensor(reference_chips, 3))).norm(dim=1)
    assert apart.max() < 0.1


@torch.inference_mode()
@pytest.mark.parametrize("size", [64, 96, 128])
def test_coarse_crops_stay_near_their_person(embedder: IdentityEmbedder, size: int) -> None:
    record = load_bundled()[0]
    sharp, coarse = (
        to_tensor(align(record.image, five_points(record.landmarks), side)[None], 3) for side in (165, size)
    )
    assert (embedder.embed_aligned(sharp) - embedder.embed_aligned(coarse)).norm() < 0.3


@torch.inference_mode()
def test_a_grey_face_is_read_as_three_equal_channels(embedder: IdentityEmbedder) -> None:
    grey = torch.rand(2, 1, 64, 64) * 2 - 1
    assert torch.equal(embedder.embed_aligned(grey), embedder.embed_aligned(grey.expand(-1, 3, -1, -1)))


def test_the_distance_has_a_gradient_with_respect_to_the_face(embedder: IdentityEmbedder) -> None:
    face = torch.zeros(1, 1, 64, 64, requires_grad=True)
    embedder.embed_aligned(face).norm().backward()
    assert face.grad is not None
    assert face.grad.abs().sum() > 0


@torch.inference_mode()
def test_feature_maps_come_from_fine_to_coarse(embedder: IdentityEmbedder) -> None:
    maps = embedder.feature_maps(torch.zeros(1, 3, 150, 150))
    assert [tuple(stage.shape[1:]) for stage in maps] == [(32, 35, 35), (64, 17, 17), (128, 8, 8), (256, 4, 4)]


def test_a_chip_beside_the_template_is_refused() -> None:
    with pytest.raises(CheckpointError, match="does not lie on the template"):
        IdentityEmbedderConfig(chip_left=20)


def test_the_checkpoint_states_both_licences() -> None:
    card = (FOLDER / "README.md").read_text()
    assert "CC0 1.0" in card
    assert "Copyright (c) Vladimir Mandic" in card
    assert (FOLDER / WEIGHTS_FILE).stat().st_size < 15e6
