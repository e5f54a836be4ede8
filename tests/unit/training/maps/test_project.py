"""The project command: any dataset in, one table out; interrupted and gone on with, the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image as PillowImage

from fer_demo.checkpoints import load_model
from fer_demo.data.embedding_table import open_embedding_table
from fer_demo.data.loading import load_bundled
from fer_demo.data.sources import FaceSource
from fer_demo.errors import CheckpointError, DataError, SettingsError
from fer_demo.faces.crops import crop_or_whole
from fer_demo.faces.detection import RetinaFaceDetector
from fer_demo.inference.encoding import codes_of_crop
from fer_demo.models.tdgan import TDGAN, TDGANConfig
from fer_demo.published.model import Origin
from training.maps import latent_map
from training.maps import project as command
from training.maps.face_codes import Encoders, classifier_of, dataset_labels, full_codes, joined_labels, shard_table
from training.maps.latent_map import fit_space, place_codes
from training.maps.project import ProjectSettings, open_sources, project, spread

ROWS = 36


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An untrained TDGAN, small where it can be."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("model")
    TDGAN(TDGANConfig(head_units=8, decoder_channels=(8, 8, 8), residual_units=1, noise_channels=1)).save(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    make_quick(monkeypatch)


def make_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latent_map, "METHODS", ("pca",))  # UMAP takes a quarter of a minute to load
    monkeypatch.setattr(command, "_SHARD", 16)


def settings(model: str, out: Path, **changes: Any) -> ProjectSettings:
    return ProjectSettings(model, out / "table.parquet", **{"rows": ROWS, **changes})


@pytest.fixture(scope="module")
def table(model: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as monkeypatch:
        make_quick(monkeypatch)
        return project(settings(model, tmp_path_factory.mktemp("table")))


def test_a_table_holds_every_face_with_codes_labels_and_maps(table: Path) -> None:
    read, bundled = open_embedding_table(table), load_bundled()
    assert len(read) == ROWS
    assert set(read.keys) <= set(bundled.column("key"))
    assert read.info.spaces == ("identity", "expression", "pixels", "classifier")
    assert read.info.dims == {"identity": 8192, "expression": 8192, "pixels": 4096, "classifier": 256}
    assert {"expression", "person", "yaw", "light_azimuth", "answer", "entropy", "brightness"} <= set(read.labels)
    row = bundled.column("key").index(read.keys[5])
    assert read.labels["expression"][5] == bundled.column("expression")[row]
    assert not table.with_suffix(".shards").exists()


def test_the_same_seed_gives_the_same_table_and_finished_shards_are_not_encoded_again(
    model: str, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*arguments: Any) -> None:
        raise DataError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(command, "write_table", full_disk)
        with pytest.raises(DataError, match="disk"):
            project(settings(model, tmp_path))
    lost = sorted((tmp_path / "table.shards").glob("*.parquet"))[1]
    lost.unlink()
    encoded: list[int] = []
    describe = Encoders.describe_views
    monkeypatch.setattr(
        Encoders, "describe_views", lambda self, views: encoded.append(len(views[64])) or describe(self, views)
    )
    assert project(settings(model, tmp_path)).read_bytes() == table.read_bytes()
    assert encoded == [16]


def test_a_table_names_the_weights_of_its_baseline_and_shards_of_several_are_not_mixed(
    model: str, table: Path, tmp_path: Path
) -> None:
    classifier = load_model("expression_classifier")
    assert open_embedding_table(table).info.classifier_sha256 == classifier.origin.sha256  # type: ignore[union-attr]
    encoders = Encoders.of(load_model(model), torch.device("cpu"))
    paths = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for path, weights in zip(paths, ("1" * 64, "2" * 64), strict=True):
        encoders.classifier.origin = Origin("expression_classifier", None, weights)
        pq.write_table(shard_table(encoders, load_bundled().select([0]), "", False, print), path)
    assert classifier_of(paths[:1]) == "1" * 64
    with pytest.raises(DataError, match="several classifiers"):
        classifier_of(paths)


def test_shards_of_other_settings_are_not_mixed_in(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: Any) -> None:
        raise DataError("Stopped.")

    monkeypatch.setattr(command, "_encode", stop)
    with pytest.raises(DataError, match="Stopped"):
        project(settings(model, tmp_path))
    with pytest.raises(DataError, match="other settings"):
        project(settings(model, tmp_path, rows=ROWS + 1))


def test_a_recognizer_has_no_codes_to_map(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="codes"):
        project(settings("expression_classifier", tmp_path))


@pytest.mark.parametrize("wrong", [{"rows": 5}, {"out": Path("table.csv")}])
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        ProjectSettings(**{"model": "tdgan", "out": Path("table.parquet"), **wrong})


def test_too_few_faces_make_no_map() -> None:
    with pytest.raises(DataError, match="at least"):
        spread([load_bundled().select(range(10))], None)


def test_faces_are_spread_evenly_over_all_sources() -> None:
    bundled = load_bundled()
    parts = spread([bundled.select(range(100)), bundled.select(range(300))], 40)
    assert [len(part) for part in parts] == [10, 30]


def test_a_folder_of_pictures_and_a_parquet_file_are_data_too(tmp_path: Path) -> None:
    PillowImage.fromarray(np.zeros((20, 20), np.uint8)).save(tmp_path / "face.png")
    assert len(open_sources(str(tmp_path))[0]) == 1
    assert open_sources("bundled")[0].name == "bundled"


def test_labels_are_words_and_numbers_and_nothing_else() -> None:
    columns = {"image": [b"", b""], "key": ["a", "b"], "glasses": [True, None], "nested": [[1], [2]], "row": [0, 1]}
    poses = {"head_pose": [[10.0, 5.0, 1.0], None], "light": [[-30.0, 20.0, 2.0], [0.0, 0.0, 1.0]]}
    labels = dataset_labels(FaceSource("test", pa.table({**columns, **poses})))
    assert labels["glasses"] == [True, None]
    assert labels["yaw"] == [10.0, None]
    assert labels["light_azimuth"] == [-30.0, 0.0]
    assert not {"nested", "row", "person", "expression", "image", "key"} & set(labels)


def test_a_label_of_one_dataset_is_empty_in_the_other() -> None:
    tables = [
        pa.table({"label source": ["x"], "label person": ["anna"]}),
        pa.table({"label source": ["y"], "label expression": ["sad"]}),
    ]
    assert joined_labels(tables) == {"source": ["x", "y"], "person": ["anna", None], "expression": [None, "sad"]}


def test_codes_that_lie_in_a_plane_lose_nothing() -> None:
    rng = np.random.default_rng(0)
    codes = (rng.normal(size=(60, 2)) @ rng.normal(size=(2, 30))).astype(np.float32)
    fitted = fit_space(lambda: iter([codes[:25], codes[25:]]), 60, seed=0)
    assert fitted.variance == pytest.approx(1, abs=1e-4)
    assert fitted.kept > 0.95  # fp16 may exchange two that are equally near
    restored = np.stack([fitted.space.basis.restore(code) for code in fitted.space.codes])
    np.testing.assert_allclose(restored, codes, atol=0.05)
    placement = fitted.space.maps["pca"]
    assert placement.trust.mean() > 0.99


def test_umap_places_the_same_codes_on_the_same_spots() -> None:
    rng = np.random.default_rng(0)
    codes = np.concatenate([rng.normal(0, 1, (40, 20)), rng.normal(30, 1, (40, 20))]).astype(np.float32)
    places = place_codes(codes, "umap", seed=0)
    assert np.array_equal(places, place_codes(codes, "umap", seed=0))
    first, second = places[:40], places[40:]
    between = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
    assert between > 2 * max(first.std(), second.std())


def folder_of_pictures(path: Path, photos: list[np.ndarray]) -> Path:
    path.mkdir()
    for number, photo in enumerate(photos):
        PillowImage.fromarray(photo).save(path / f"{number:03d}.png")
    return path


def test_faces_in_photos_of_any_shape_get_the_codes_that_the_app_gives_them(model: str, tmp_path: Path) -> None:
    encoders = Encoders.of(load_model(model), torch.device("cpu"))
    face = load_bundled()[0].image
    wide = np.full((400, 640, 3), 150, np.uint8)
    wide[120:248, 30:158] = face
    source = open_sources(str(folder_of_pictures(tmp_path / "photos", [wide])))[0]
    pq.write_table(shard_table(encoders, source, "", False, print), tmp_path / "shard.parquet")
    crop = crop_or_whole(wide, RetinaFaceDetector())
    assert crop.face is not None
    app = codes_of_crop(encoders.model, encoders.classifier, crop)
    for space in ("identity", "expression", "pixels", "classifier"):
        np.testing.assert_allclose(full_codes(tmp_path / "shard.parquet", space)[0], app[space], rtol=1e-2, atol=1e-2)


def test_a_broken_picture_is_named_and_the_others_are_mapped(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundled = load_bundled()
    data = folder_of_pictures(tmp_path / "faces", [bundled[row].image for row in range(35)])
    (data / "017.png").write_bytes((data / "016.png").read_bytes()[:500])
    read = open_embedding_table(project(settings(model, tmp_path, data=str(data), rows=None)))
    assert len(read) == 34
    assert not any("017" in key for key in read.keys)
    assert "017" in capsys.readouterr().out


def test_a_shard_without_any_readable_picture_is_passed_over(model: str, tmp_path: Path) -> None:
    bundled = load_bundled()
    data = folder_of_pictures(tmp_path / "faces", [bundled[row].image for row in range(50)])
    for row in range(16):  # the whole first shard
        (data / f"{row:03d}.png").write_bytes(b"broken")
    assert len(open_embedding_table(project(settings(model, tmp_path, data=str(data), rows=None)))) == 34
    for row in range(16, 20):
        (data / f"{row:03d}.png").write_bytes(b"broken")
    with pytest.raises(DataError, match="30 faces could be encoded"):
        project(settings(model, tmp_path / "few", data=str(data), rows=None))


@pytest.mark.parametrize("shade", [0, 130])
def test_equal_faces_lie_on_one_point(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shade: int) -> None:
    monkeypatch.setattr(latent_map, "METHODS", ("pca", "tsne"))
    data = folder_of_pictures(tmp_path / "same", [np.full((64, 64, 3), shade, np.uint8)] * 33)
    read = open_embedding_table(project(settings(model, tmp_path, data=str(data), rows=None)))
    assert read.info.variance["pixels"] == 1.0
    for method in ("pca", "tsne"):
        places = read.space("identity").maps[method].xy
        assert np.isfinite(places).all()
        assert np.ptp(places, axis=0).tolist() == [0, 0]
