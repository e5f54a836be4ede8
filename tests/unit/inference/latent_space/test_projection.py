"""Placing a face among others, and a face for an empty place, on codes whose geometry is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from fer_demo.data.embedding_table import (
    Basis,
    EmbeddingTable,
    Placement,
    Space,
    TableInfo,
    open_embedding_table,
    write_embedding_table,
)
from fer_demo.errors import CheckpointError, DataError
from fer_demo.faces.crops import FaceCrop
from fer_demo.inference.encoding import codes_of_crop
from fer_demo.inference.latent_space.projection import decode_place, place_face
from fer_demo.layers.two_heads import TwoHeads
from fer_demo.published.model import FaceModelConfig, Origin, PublishedModel
from tests.unit.inference.conftest import SIDE, HalvesModel

COUNT = 40
HALF = SIDE * SIDE // 2
SPACES = {"identity": HALF, "expression": HALF, "pixels": SIDE * SIDE, "classifier": 1}


class MeanShade(TwoHeads, PublishedModel):
    """Its features are the mean shade of a face."""

    def __init__(self) -> None:
        super().__init__(FaceModelConfig(size=SIDE))
        self.add_heads(1, 7, 0.0)

    def features(self, faces: Tensor) -> Tensor:
        return faces.mean(dim=(1, 2, 3))[:, None]


@pytest.fixture
def model() -> PublishedModel:
    halves = HalvesModel().eval()
    halves.origin = Origin("tdgan", None, "0" * 64)
    return halves


@pytest.fixture
def classifier() -> PublishedModel:
    shade = MeanShade().eval()
    shade.origin = Origin("expression_classifier", None, "c" * 64)
    return shade


def shades(upper: float, lower: float) -> np.ndarray:
    picture = np.full((SIDE, SIDE), upper, np.float32)
    picture[SIDE // 2 :] = lower
    return picture


def face(upper: int, lower: int) -> FaceCrop:
    picture = shades(upper, lower).astype(np.uint8)
    return FaceCrop(np.repeat(picture[..., None], 3, axis=-1), None)


def space(full: np.ndarray, layout: np.ndarray) -> Space:
    """Codes reduced to their first principal axis, which holds all there is."""
    mean = full.mean(axis=0)
    axis = np.linalg.svd(full - mean, full_matrices=False)[2][:1]
    axis = axis * np.sign(axis.sum())
    basis = Basis(mean.astype(np.float16).astype(np.float32), axis.astype(np.float16).astype(np.float32))
    codes = np.stack([basis.reduce(row) for row in full])
    spacing = np.sort(np.abs(codes - codes.T) + 1e9 * np.eye(len(codes)), axis=1)[:, 0]
    ones = np.ones(len(full))
    maps = {method: Placement(layout, ones, ones) for method in ("umap", "tsne")}
    return Space(codes, basis, spacing, maps)


@pytest.fixture
def table(tmp_path: Path) -> EmbeddingTable:
    """Face k has shade k in its upper half and its mirror in the lower; both maps are lines in that order."""
    levels = np.linspace(-1, 1, COUNT)
    faces = np.stack([shades(level, -level) for level in levels]).reshape(COUNT, -1)
    full = {
        "identity": faces[:, :HALF],
        "expression": faces[:, HALF:],
        "pixels": faces,
        "classifier": np.linspace(-1, 1, COUNT)[:, None].astype(np.float32),
    }
    layout = np.stack([np.arange(COUNT), np.zeros(COUNT)], axis=1).astype(np.float32)
    spaces = {name: space(values, layout) for name, values in full.items()}
    shares = dict.fromkeys(SPACES, 1.0)
    names = tuple(SPACES)
    info = TableInfo(
        "tdgan",
        "0" * 64,
        "test",
        (),
        names,
        ("umap", "tsne"),
        SPACES,
        shares,
        shares,
        neighbours=3,
        classifier_sha256="c" * 64,
    )
    write_embedding_table(tmp_path / "table.parquet", info, [str(row) for row in range(COUNT)], {}, spaces)
    return open_embedding_table(tmp_path / "table.parquet")


def grey(level: float) -> int:
    return round((level + 1) * 127.5)


def test_a_face_lands_beside_the_faces_whose_codes_it_has(model, classifier, table):
    level = np.linspace(-1, 1, COUNT)[10]
    found = place_face(model, classifier, table, face(grey(level), grey(-level)), 3)["identity"]
    assert found.rows[0] == 10
    assert found.places["umap"].xy[0] == pytest.approx(10, abs=0.1)
    assert found.lonelier_than < 0.5
    assert not found.far


def test_each_code_lands_by_its_own_half_of_the_picture(model, classifier, table):
    levels = np.linspace(-1, 1, COUNT)
    placed_faces = place_face(model, classifier, table, face(grey(levels[5]), grey(-levels[30])), 3)
    assert (placed_faces["identity"].rows[0], placed_faces["expression"].rows[0]) == (5, 30)


def test_the_same_face_lands_on_the_same_spot_bit_for_bit(model, classifier, table):
    crop, other = face(90, 160), face(10, 20)
    first = place_face(model, classifier, table, crop, 3)
    place_face(model, classifier, table, other, 3)
    again = place_face(model, classifier, table, crop, 3)
    for name in SPACES:
        assert first[name].places["umap"].xy == again[name].places["umap"].xy
        assert (first[name].distances == again[name].distances).all()


def test_codes_are_those_of_the_face_alone(model, classifier):
    codes = codes_of_crop(model, classifier, face(255, 0))
    assert {name: len(code) for name, code in codes.items()} == SPACES
    assert (codes["identity"] == 1).all()
    assert (codes["expression"] == -1).all()
    assert codes["classifier"][0] == pytest.approx(0, abs=1e-6)


def test_a_face_unlike_all_others_is_far_from_the_data(model, classifier, table):
    levels = np.linspace(-0.1, 0.1, COUNT)
    faces = np.stack([shades(level, -level) for level in levels]).reshape(COUNT, -1)[:, :HALF]
    narrow = space(faces, np.stack([np.arange(COUNT), np.zeros(COUNT)], axis=1).astype(np.float32))
    table._spaces["identity"] = narrow
    assert place_face(model, classifier, table, face(255, 255), 3)["identity"].far


def test_on_a_pca_map_a_face_lands_on_its_own_components(model, classifier, tmp_path, table):
    wide = table.space("identity")
    axes = np.concatenate([wide.basis.components, np.eye(1, HALF, dtype=np.float32)])
    basis = Basis(wide.basis.mean, axes)
    codes = np.concatenate([wide.codes, np.zeros((COUNT, 1), np.float32)], axis=1)
    table._spaces["identity"] = Space(codes, basis, wide.spacing, {"pca": wide.maps["umap"]})
    crop = face(200, 30)
    found = place_face(model, classifier, table, crop, 3)["identity"]
    expected = basis.reduce(codes_of_crop(model, classifier, crop)["identity"])
    assert found.places["pca"].xy == tuple(float(value) for value in expected[:2])


def test_other_weights_are_refused(model, classifier, table):
    model.origin = Origin("tdgan", None, "1" * 64)
    with pytest.raises(CheckpointError, match="other weights"):
        place_face(model, classifier, table, face(0, 0), 3)


def test_a_baseline_of_other_weights_is_refused_with_the_command_that_makes_it_again(model, classifier, table):
    classifier.origin = Origin("expression_classifier", None, "1" * 64)
    with pytest.raises(CheckpointError, match="other weights of expression_classifier") as refused:
        place_face(model, classifier, table, face(0, 0), 3)
    assert "python -m training project tdgan --out table.parquet --data test" in str(refused.value)


def test_an_empty_place_shows_the_mean_of_the_codes_around_it(model, table):
    found = decode_place(model, table, "identity", "umap", (19.9, 3.0), row=COUNT - 1)
    assert sorted(found.rows) == [18, 19, 20, 21, 22]
    expected = (np.linspace(-1, 1, COUNT)[20] + 1) * 127.5
    assert found.face[: SIDE // 2].mean() == pytest.approx(expected, abs=1.5)
    assert found.face[SIDE // 2 :].max() <= 1  # the other half is that of the chosen face, which is black
    assert found.distance == pytest.approx(0, abs=0.05)


def test_baselines_cannot_be_decoded(model, table):
    with pytest.raises(DataError, match="own codes"):
        decode_place(model, table, "pixels", "umap", (0.0, 0.0), row=0)


def test_restoring_a_reduced_code_gives_the_code(table):
    code = table.space("identity")
    full = code.basis.restore(code.codes[7])
    np.testing.assert_allclose(full, np.linspace(-1, 1, COUNT)[7], atol=5e-3)
    assert torch.from_numpy(full).dtype == torch.float32
