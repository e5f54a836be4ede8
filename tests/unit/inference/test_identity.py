"""Distances between faces, and what they mean beside photographs of people."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor, nn

from fer_demo.errors import CheckpointError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.identity import (
    QUANTILES,
    IdentityBand,
    band_for,
    distances,
    embed_aligned,
    embed_crops,
    load_bands,
    save_bands,
)
from fer_demo.published.model import FaceModelConfig, PublishedModel


class MeanColour(PublishedModel):
    """A face's code is its mean in each channel."""

    def __init__(self) -> None:
        super().__init__(FaceModelConfig(size=8, channels=3))
        self.unused = nn.Conv2d(1, 1, 1)

    def embed(self, faces: Tensor) -> Tensor:
        return faces.mean(dim=(2, 3))

    def embed_aligned(self, faces: Tensor) -> Tensor:
        return self.embed(faces.expand(-1, 3, -1, -1))


def band(size: int = 64, limit: float = 0.6) -> IdentityBand:
    """Same-person distances spread evenly over 0.2 to 0.6, different ones over 0.5 to 1.0."""
    same, different = (tuple(np.linspace(*ends, len(QUANTILES))) for ends in ((0.2, 0.6), (0.5, 1.0)))
    return IdentityBand(size, same, different, limit, 0.98, 0.97, 0.9, 500, "made up")


def test_every_face_has_a_code_and_grey_counts_in_all_channels() -> None:
    faces = np.full((40, 8, 8), 255, np.uint8)
    faces[1] = 0
    codes = embed_aligned(MeanColour(), faces)
    assert codes.shape == (40, 3)
    assert codes[0].tolist() == [1, 1, 1]
    assert codes[1].tolist() == [-1, -1, -1]


def test_a_crop_is_embedded_in_its_own_colour() -> None:
    photo = np.zeros((32, 32, 3), np.uint8)
    photo[..., 0] = 255
    codes = embed_crops(MeanColour(), [FaceCrop(photo, None)])
    assert codes.tolist() == [[1, -1, -1]]


def test_a_model_that_embeds_nothing_is_refused(recognizer: PublishedModel) -> None:
    with pytest.raises(CheckpointError, match="identity_embedder"):
        embed_aligned(recognizer, np.zeros((1, 8, 8), np.uint8))


def test_distances_are_euclidean_and_one_face_is_compared_with_all() -> None:
    assert distances(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]])).tolist() == [5, 1]


def test_a_band_says_how_many_photo_pairs_are_farther_or_closer() -> None:
    assert band().share_farther(0.4) == pytest.approx(0.5)
    assert band().share_farther(0.1) == 1
    assert band().share_farther(0.9) == 0
    assert band().share_closer(0.75) == pytest.approx(0.5)
    assert band().share_closer(0.3) == 0
    assert band().contains(np.array([0.6, 0.61])).tolist() == [True, False]


def test_a_distance_is_put_in_words() -> None:
    assert band().sentence(0.4).startswith("Still the same person: 50% of the pairs of photos of one person")
    outside = band().sentence(0.75)
    assert "Perhaps another person" in outside
    assert "50% of the pairs of two people differ less" in outside


def test_bands_are_read_as_they_were_written(tmp_path: Path) -> None:
    save_bands([band(128), band(64)], tmp_path)
    assert load_bands(tmp_path) == (band(64), band(128))
    assert band_for(load_bands(tmp_path), 112).size == 128
    assert band_for(load_bands(tmp_path), 48).size == 64


@pytest.mark.parametrize("damage", ["{", '{"bands": []}', '{"bands": [{"size": 64}]}'])
def test_damaged_bands_are_refused_with_a_remedy(tmp_path: Path, damage: str) -> None:
    (tmp_path / "bands.json").write_text(damage)
    with pytest.raises(CheckpointError, match="Install fer_demo again"):
        load_bands(tmp_path)


def test_a_band_without_all_quantiles_is_refused(tmp_path: Path) -> None:
    save_bands([band()], tmp_path)
    values = json.loads((tmp_path / "bands.json").read_text())
    values["bands"][0]["same"] = [0.1, 0.2]
    (tmp_path / "bands.json").write_text(json.dumps(values))
    with pytest.raises(CheckpointError, match="quantiles"):
        load_bands(tmp_path)


def test_the_bundled_bands_part_people_at_every_resolution_models_paint() -> None:
    bands = load_bands()
    assert {64, 96, 128} <= {band.size for band in bands}
    for measured in bands:
        assert measured.people == 500
        assert measured.accuracy > 0.97
        assert 0.5 <= measured.limit <= 0.65
        assert list(measured.same) == sorted(measured.same)
        assert measured.same[10] < measured.limit < measured.different[10]
